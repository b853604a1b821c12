#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sbert::models {

/// A folder that appears whole or not at all: it is filled under a temporary name beside its own, which commit() gives
/// up for the real one. Without a commit nothing is left of it.
class NewFolder {
 public:
  /// `path` is free, or an empty folder; the folders above it are made. Throws InvalidArgumentError where something is
  /// there already, IoError where the folder cannot be made.
  explicit NewFolder(const std::string& path);
  ~NewFolder();
  NewFolder(const NewFolder&) = delete;
  NewFolder& operator=(const NewFolder&) = delete;

  /// Where to put the content.
  const std::filesystem::path& temporary() const noexcept { return temporary_; }
  /// A folder in it, "" for itself.
  std::filesystem::path make(const std::string& name) const;
  void commit();

 private:
  void create();
  void remove() noexcept;

  std::filesystem::path path_, temporary_;
  std::vector<std::filesystem::path> parents_;  // made by this one, outermost first
};

}  // namespace sbert::models
