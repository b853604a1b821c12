#pragma once

#include <exception>
#include <gtest/gtest.h>
#include <string>

namespace sbert::test {

/// The message of the Exception that `run` throws; anything else fails the test.
template <typename Exception, typename Run>
std::string message_of(Run&& run) {
  try {
    run();
  } catch (const Exception& error) {
    return error.what();
  } catch (const std::exception& error) {
    ADD_FAILURE() << "another exception: " << error.what();
    return "";
  }
  ADD_FAILURE() << "no exception";
  return "";
}

}  // namespace sbert::test
