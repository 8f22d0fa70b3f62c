# precompile(target): the headers that nearly every source includes, compiled once for all targets.
# That saves a third of the time of a clean build.
add_library(precompiled STATIC cmake/precompiled.cpp)
target_link_libraries(precompiled PUBLIC common)
target_precompile_headers(precompiled PRIVATE
  <algorithm> <array> <chrono> <cstdint> <functional> <map> <memory> <optional> <span> <string>
  <string_view> <unordered_map> <variant> <vector>
  <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/io_context.hpp>
  <boost/asio/ip/tcp.hpp> <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp>
  <boost/describe.hpp> <boost/json.hpp>)
# Without the time in it, it is the same file for the compiler cache as long as its contents are.
add_compile_options("SHELL:-Xclang -fno-pch-timestamp")

function(precompile target)
  target_precompile_headers(${target} REUSE_FROM precompiled)
endfunction()
