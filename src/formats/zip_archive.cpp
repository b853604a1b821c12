#include "formats/zip_archive.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include <sbert/error.h>

#include "common/text.h"
#include "formats/safe_path.h"

namespace sbert::formats {
namespace {

constexpr uint32_t kLocalSignature = 0x04034b50;
constexpr uint32_t kCentralSignature = 0x02014b50;
constexpr uint32_t kEndSignature = 0x06054b50;
constexpr uint32_t kEnd64Signature = 0x06064b50;
constexpr uint32_t kLocator64Signature = 0x07064b50;
constexpr size_t kLocalBytes = 30;
constexpr size_t kCentralBytes = 46;
constexpr size_t kEndBytes = 22;
constexpr size_t kEnd64Bytes = 56;
constexpr size_t kLocator64Bytes = 20;
constexpr uint64_t kMaxEntries = 100000;  // one per tensor and a few more

// One entry of the directory, and where its local header and its data lie.
struct Place {
  size_t entry;
  uint64_t begin;
  uint64_t end;
};

class DirectoryReader {
 public:
  DirectoryReader(std::span<const std::byte> file, const std::string& name) : file_(file), name_(name) {}

  std::vector<ZipArchive::Entry> read() {
    find_directory();
    if (count_ > kMaxEntries) {
      fail("the zip directory lists " + std::to_string(count_) + " entries; at most " + std::to_string(kMaxEntries) +
           " are expected");
    }
    std::vector<ZipArchive::Entry> entries;
    uint64_t at = directory_begin_;
    for (uint64_t i = 0; i < count_; ++i) at = read_entry(at, entries);
    if (at != directory_end_) fail("the zip directory is longer than its entries");
    check_overlap(entries);
    return entries;
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw InvalidModelError(common::quote(name_) + ": " + problem);
  }
  [[noreturn]] void fail(std::string_view entry, const std::string& problem) const {
    fail("zip entry " + common::quote(entry) + " " + problem);
  }

  // The caller has checked that the field lies inside the file.
  template <typename Field>
  Field field(uint64_t at) const {
    Field value;
    std::memcpy(&value, file_.data() + at, sizeof(value));
    return value;
  }
  std::string_view text(uint64_t at, size_t size) const {
    return {reinterpret_cast<const char*>(file_.data()) + at, size};
  }

  // Writers of weights put no comment behind the archive, so its end record is the end of the file; to search for it
  // would let two readers see two archives in one file.
  void find_directory() {
    if (file_.size() < kEndBytes || field<uint32_t>(file_.size() - kEndBytes) != kEndSignature) {
      fail("the zip archive does not end in its directory: it is cut off, or something was appended");
    }
    uint64_t end = file_.size() - kEndBytes;
    count_ = field<uint16_t>(end + 10);
    uint64_t bytes = field<uint32_t>(end + 12);
    directory_begin_ = field<uint32_t>(end + 16);
    bool several_disks = field<uint16_t>(end + 4) != 0 || field<uint16_t>(end + 6) != 0;
    if (count_ == 0xffff || bytes == 0xffffffff || directory_begin_ == 0xffffffff) {
      if (end < kLocator64Bytes + kEnd64Bytes || field<uint32_t>(end - kLocator64Bytes) != kLocator64Signature) {
        fail("the zip archive has no zip64 directory although its sizes need one");
      }
      const auto end64 = field<uint64_t>(end - kLocator64Bytes + 8);
      if (end64 > end - kLocator64Bytes - kEnd64Bytes || field<uint32_t>(end64) != kEnd64Signature) {
        fail("the zip64 end record is not where its locator says");
      }
      several_disks = field<uint32_t>(end64 + 16) != 0 || field<uint32_t>(end64 + 20) != 0;
      count_ = field<uint64_t>(end64 + 32);
      bytes = field<uint64_t>(end64 + 40);
      directory_begin_ = field<uint64_t>(end64 + 48);
      end = end64;
    }
    if (several_disks) fail("the zip archive is one part of several");
    if (directory_begin_ > end || bytes > end - directory_begin_) fail("the zip directory lies outside the file");
    directory_end_ = directory_begin_ + bytes;
  }

  // Returns where the next entry of the directory begins.
  uint64_t read_entry(uint64_t at, std::vector<ZipArchive::Entry>& entries) {
    const uint64_t left = directory_end_ - at;
    if (left < kCentralBytes || field<uint32_t>(at) != kCentralSignature) fail("the zip directory is damaged");
    const size_t name_bytes = field<uint16_t>(at + 28);
    const size_t extra_bytes = field<uint16_t>(at + 30);
    const size_t comment_bytes = field<uint16_t>(at + 32);
    if (name_bytes + extra_bytes + comment_bytes > left - kCentralBytes) fail("the zip directory is damaged");
    const std::string_view entry = text(at + kCentralBytes, name_bytes);
    const std::string problem = path_problem(entry);
    if (!problem.empty()) fail(entry, problem == "leaves the model folder" ? "leaves the archive" : problem);

    const auto flags = field<uint16_t>(at + 8);
    const auto method = field<uint16_t>(at + 10);
    if ((flags & 1) != 0) throw UnsupportedError(unsupported(entry, "is encrypted"));
    if (method != 0) {
      throw UnsupportedError(unsupported(
          entry, "is compressed (method " + std::to_string(method) + "); torch.save stores entries as they are"));
    }
    uint64_t stored = field<uint32_t>(at + 20);
    uint64_t size = field<uint32_t>(at + 24);
    uint64_t local = field<uint32_t>(at + 42);
    read_zip64_extra(entry, at + kCentralBytes + name_bytes, extra_bytes, size, stored, local);
    if (stored != size) fail(entry, "has two sizes although it is not compressed");

    if (local > directory_begin_ || directory_begin_ - local < kLocalBytes ||
        field<uint32_t>(local) != kLocalSignature) {
      fail(entry, "does not begin where the directory says");
    }
    const size_t local_name_bytes = field<uint16_t>(local + 26);
    const uint64_t data = local + kLocalBytes + local_name_bytes + field<uint16_t>(local + 28);
    if (data > directory_begin_ || size > directory_begin_ - data) {
      fail(entry, "reaches beyond the end of the archive's data: the file is cut off or damaged");
    }
    if (text(local + kLocalBytes, local_name_bytes) != entry || field<uint16_t>(local + 8) != method) {
      fail(entry, "has another name or method in its own header");
    }
    places_.push_back({entries.size(), local, data + size});
    entries.push_back({std::string(entry), file_.subspan(data, size)});
    return at + kCentralBytes + name_bytes + extra_bytes + comment_bytes;
  }

  std::string unsupported(std::string_view entry, const std::string& problem) const {
    return common::quote(name_) + ": zip entry " + common::quote(entry) + " " + problem;
  }

  // Extra field 1 holds, in this order, those of the three numbers that do not fit their 32-bit places.
  void read_zip64_extra(std::string_view entry, uint64_t at, uint64_t left, uint64_t& size, uint64_t& stored,
                        uint64_t& local) const {
    constexpr uint64_t kElsewhere = 0xffffffff;
    while (left >= 4) {
      const auto id = field<uint16_t>(at);
      const uint64_t bytes = field<uint16_t>(at + 2);
      if (bytes > left - 4) break;
      uint64_t used = 0;
      for (uint64_t* number : {&size, &stored, &local}) {
        if (id == 1 && *number == kElsewhere && used + 8 <= bytes) {
          *number = field<uint64_t>(at + 4 + used);
          used += 8;
        }
      }
      if (id == 1) return;
      at += 4 + bytes;
      left -= 4 + bytes;
    }
    if (size == kElsewhere || stored == kElsewhere || local == kElsewhere) fail(entry, "lacks its zip64 sizes");
  }

  void check_overlap(const std::vector<ZipArchive::Entry>& entries) {
    std::sort(places_.begin(), places_.end(), [](const Place& a, const Place& b) { return a.begin < b.begin; });
    for (size_t i = 1; i < places_.size(); ++i) {
      if (places_[i].begin < places_[i - 1].end) {
        fail(entries[places_[i].entry].name, "overlaps the entry " + common::quote(entries[places_[i - 1].entry].name));
      }
    }
  }

  std::span<const std::byte> file_;
  const std::string& name_;
  uint64_t count_ = 0;
  uint64_t directory_begin_ = 0;
  uint64_t directory_end_ = 0;
  std::vector<Place> places_;
};

}  // namespace

ZipArchive ZipArchive::parse(std::span<const std::byte> file, const std::string& name) {
  ZipArchive archive;
  archive.entries_ = DirectoryReader(file, name).read();
  if (archive.entries_.empty()) throw InvalidModelError(common::quote(name) + ": the zip archive is empty");
  archive.first_name_ = archive.entries_.front().name;
  std::sort(archive.entries_.begin(), archive.entries_.end(),
            [](const Entry& a, const Entry& b) { return a.name < b.name; });
  const auto twice = std::adjacent_find(archive.entries_.begin(), archive.entries_.end(),
                                        [](const Entry& a, const Entry& b) { return a.name == b.name; });
  if (twice != archive.entries_.end()) {
    throw InvalidModelError(common::quote(name) + ": zip entry " + common::quote(twice->name) + " is there twice");
  }
  return archive;
}

const ZipArchive::Entry* ZipArchive::find(std::string_view name) const noexcept {
  const auto found = std::lower_bound(entries_.begin(), entries_.end(), name,
                                      [](const Entry& entry, std::string_view key) { return entry.name < key; });
  return found != entries_.end() && found->name == name ? &*found : nullptr;
}

}  // namespace sbert::formats
