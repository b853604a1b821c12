#include "models/new_folder.h"

#include <atomic>
#include <system_error>
#include <unistd.h>

#include <sbert/error.h>

#include "common/text.h"

namespace sbert::models {
namespace {

namespace fs = std::filesystem;
using common::quote;

[[noreturn]] void fail(const fs::path& path, const std::error_code& error) {
  throw IoError("cannot make the folder " + quote(path.string()) + ": " + error.message());
}

// Without links and a slash at the end, so that the place beside it is where it seems to be.
fs::path resolve(const std::string& path) {
  if (path.empty()) throw InvalidArgumentError("cannot save into '': give the path of a new folder");
  std::error_code error;
  fs::path absolute = fs::absolute(path, error);
  if (!error) absolute = fs::weakly_canonical(absolute, error);
  if (error) fail(path, error);
  return absolute.has_filename() ? absolute : absolute.parent_path();
}

void require_free(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (status.type() == fs::file_type::not_found) return;
  if (error) fail(path, error);
  if (!fs::is_directory(status)) {
    throw InvalidArgumentError("cannot save into " + quote(path.string()) + ": it is not a folder");
  }
  const bool empty = fs::is_empty(path, error);
  if (error) fail(path, error);
  if (!empty) {
    throw InvalidArgumentError("cannot save into " + quote(path.string()) +
                               ": the folder is not empty, and nothing is overwritten; give a new one, or remove it");
  }
}

}  // namespace

NewFolder::NewFolder(const std::string& path) : path_(resolve(path)) {
  require_free(path_);
  try {
    create();
  } catch (...) {
    remove();
    throw;
  }
}

void NewFolder::create() {
  std::error_code error;
  std::vector<fs::path> missing;
  for (fs::path parent = path_.parent_path(); !fs::exists(parent, error); parent = parent.parent_path()) {
    if (error) fail(parent, error);
    missing.push_back(parent);
  }
  for (; !missing.empty(); missing.pop_back()) {
    if (fs::create_directory(missing.back(), error)) parents_.push_back(missing.back());
    if (error) fail(missing.back(), error);
  }
  static std::atomic<unsigned> count = 0;
  bool made = false;
  while (!made) {  // the name may be left from a process that was killed
    fs::path name = path_;
    name += ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(count++);
    made = fs::create_directory(name, error);
    if (error) fail(path_, error);
    if (made) temporary_ = std::move(name);
  }
}

NewFolder::~NewFolder() {
  remove();
}

void NewFolder::remove() noexcept {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
  for (; !parents_.empty(); parents_.pop_back()) fs::remove(parents_.back(), ignored);  // those that are empty
}

fs::path NewFolder::make(const std::string& name) const {
  if (name.empty()) return temporary_;
  std::error_code error;
  fs::create_directory(temporary_ / name, error);
  if (error) fail(temporary_ / name, error);
  return temporary_ / name;
}

void NewFolder::commit() {
  std::error_code error;
  fs::rename(temporary_, path_, error);  // also onto an empty folder
  if (error) fail(path_, error);
  temporary_.clear();
  parents_.clear();
}

}  // namespace sbert::models
