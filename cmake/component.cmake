# component(name DIR dir [DEPS ...] [LINK ...] [HEAVY file ...]): a static library `name` of every
# source in a folder, and where there are *_test.cpp files a program `name_test` known to ctest.
function(component name)
  cmake_parse_arguments(arg "" "DIR" "DEPS;LINK;HEAVY;TEST_DEPS;TEST_LABELS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${arg_DIR}/*.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  if(sources)
    add_library(${name} STATIC ${sources})
    # What is compiled of Asio is for all: its headers are among the precompiled ones.
    target_link_libraries(${name} PUBLIC common ${arg_DEPS} boost_asio_source PRIVATE ${arg_LINK})
    precompile(${name})
  else()
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE common ${arg_DEPS})
  endif()
  set_property(GLOBAL APPEND PROPERTY wildnout_components ${name})
  # Heavy files go to a library of their own: a job pool is a property of a target.
  if(tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE ${name} ${arg_TEST_DEPS} ${arg_LINK} GTest::gtest
                                               GTest::gtest_main)
    precompile(${name}_test)
    add_test(NAME ${name} COMMAND ${name}_test)
    set_property(GLOBAL APPEND PROPERTY wildnout_test_programs ${name}_test)
    set_tests_properties(${name} PROPERTIES LABELS "${arg_TEST_LABELS}" TIMEOUT 900)
  endif()
endfunction()
