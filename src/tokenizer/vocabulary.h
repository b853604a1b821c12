#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenizer/hash.h"

namespace sbert::tokenizer {

/// Strings <-> ids, made for many lookups of short strings. All strings lie in one buffer; finding one touches one
/// slot of an open-addressing table and the string itself, and allocates nothing.
class Vocabulary {
 public:
  static constexpr int32_t kNone = -1;

  Vocabulary();
  /// Room for `count` strings of `bytes` bytes in all; more can be added.
  void reserve(size_t count, size_t bytes);
  /// False, and nothing changes, when `token` is there already. `id` >= 0; several strings may have the same.
  bool add(std::string_view token, int32_t id);
  /// As add, but a `token` that is there already gets the new id.
  void add_or_replace(std::string_view token, int32_t id);
  /// Call once after the last add.
  void finish();

  int32_t find(std::string_view token) const noexcept;
  /// Empty where no string has the id.
  std::string_view string_of(int32_t id) const noexcept;
  size_t size() const noexcept { return count_; }
  int32_t max_id() const noexcept { return max_id_; }
  /// No id belongs to two strings.
  bool ids_are_unique() const noexcept { return ids_are_unique_; }
  /// Length in bytes of the longest string.
  size_t longest() const noexcept { return longest_; }
  /// Length in bytes of the longest string that starts with this byte.
  size_t longest_with_first(char byte) const noexcept { return longest_by_first_[static_cast<uint8_t>(byte)]; }

  /// Calls visit(string, id) for each string, in the order they were added.
  template <class Visit>
  void for_each(const Visit& visit) const {
    for (size_t offset = 0; offset < records_.size();) {
      const Record record = record_at(offset);
      visit(record.token, record.id);
      offset += kHeader + record.token.size();
    }
  }

 private:
  // In records_: int32 id, uint32 length, the bytes.
  static constexpr size_t kHeader = 8;
  struct Record {
    int32_t id;
    std::string_view token;
  };
  struct Slot {
    uint32_t hash = 0;
    uint32_t record = 0;  // offset in records_ plus one; 0 = free
  };
  Record record_at(size_t offset) const noexcept;
  uint64_t hash_of(std::string_view token) const noexcept;
  const Slot* find_slot(std::string_view token, uint64_t hash) const noexcept;
  bool insert(std::string_view token, int32_t id, bool replace);
  void rehash(size_t slots);

  HashSeeds seeds_;
  std::vector<char> records_;
  std::vector<Slot> slots_;
  std::vector<uint32_t> records_by_id_;  // offsets, sorted by id
  size_t count_ = 0;
  int32_t max_id_ = kNone;
  bool ids_are_unique_ = true;
  size_t longest_ = 0;
  std::array<uint32_t, 256> longest_by_first_{};
};

}  // namespace sbert::tokenizer
