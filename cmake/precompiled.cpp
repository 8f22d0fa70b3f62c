// A library needs a source; this one is about its precompiled headers.
