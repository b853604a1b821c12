#include "tokenizer/vocabulary.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <limits>

#include <sbert/error.h>

namespace sbert::tokenizer {
namespace {

template <class Word>
uint64_t load(const char* p) noexcept {
  Word word;
  std::memcpy(&word, p, sizeof word);
  return word;
}

HashSeeds make_seeds() noexcept {
  static const char here = 0;
  const auto time = static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
  const auto address = static_cast<uint64_t>(reinterpret_cast<uintptr_t>(&here));
  const uint64_t a = fold_multiply(time ^ 0x9E3779B97F4A7C15, address ^ 0xD1B54A32D192ED03);
  return {a, fold_multiply(a ^ 0x8CB92BA72F3D8DD7, time + 0xA0761D6478BD642F)};
}

bool equal(const char* a, const char* b, size_t n) noexcept {
  if (n > 16) return std::memcmp(a, b, n) == 0;
  if (n >= 8) {
    return ((load<uint64_t>(a) ^ load<uint64_t>(b)) | (load<uint64_t>(a + n - 8) ^ load<uint64_t>(b + n - 8))) == 0;
  }
  if (n >= 4) {
    return ((load<uint32_t>(a) ^ load<uint32_t>(b)) | (load<uint32_t>(a + n - 4) ^ load<uint32_t>(b + n - 4))) == 0;
  }
  return n == 0 || (a[0] == b[0] && a[n / 2] == b[n / 2] && a[n - 1] == b[n - 1]);
}

}  // namespace

HashSeeds hash_seeds() noexcept {
  static const HashSeeds seeds = make_seeds();
  return seeds;
}

Vocabulary::Vocabulary() : seeds_(hash_seeds()), slots_(16) {}

// Overlapping loads cover any length without reading beyond the string.
uint64_t Vocabulary::hash_of(std::string_view token) const noexcept {
  const char* p = token.data();
  size_t n = token.size();
  uint64_t state = seeds_.b ^ n;
  for (; n > 16; n -= 16, p += 16) state = fold_multiply(load<uint64_t>(p) ^ seeds_.a, load<uint64_t>(p + 8) ^ state);
  uint64_t head = 0, tail = 0;
  if (n >= 8) {
    head = load<uint64_t>(p);
    tail = load<uint64_t>(p + n - 8);
  } else if (n >= 4) {
    head = load<uint32_t>(p);
    tail = load<uint32_t>(p + n - 4);
  } else if (n > 0) {
    head = load<uint8_t>(p) << 16 | load<uint8_t>(p + n / 2) << 8 | load<uint8_t>(p + n - 1);
  }
  return fold_multiply(head ^ seeds_.a, tail ^ state);
}

void Vocabulary::reserve(size_t count, size_t bytes) {
  records_.reserve(bytes + count * kHeader);
  rehash(std::bit_ceil(std::max<size_t>(16, count * 2)));
}

Vocabulary::Record Vocabulary::record_at(size_t offset) const noexcept {
  const char* record = records_.data() + offset;
  return {static_cast<int32_t>(load<uint32_t>(record)),
          {record + kHeader, static_cast<size_t>(load<uint32_t>(record + 4))}};
}

const Vocabulary::Slot* Vocabulary::find_slot(std::string_view token, uint64_t hash) const noexcept {
  const size_t mask = slots_.size() - 1;
  for (size_t i = hash & mask;; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (slot.record == 0) return &slot;
    if (slot.hash != static_cast<uint32_t>(hash >> 32)) continue;
    const std::string_view candidate = record_at(slot.record - 1).token;
    if (candidate.size() == token.size() && equal(candidate.data(), token.data(), token.size())) return &slot;
  }
}

bool Vocabulary::insert(std::string_view token, int32_t id, bool replace) {
  if (records_.size() + token.size() + kHeader >= std::numeric_limits<uint32_t>::max()) {
    throw UnsupportedError("a vocabulary of more than 4 GB is not supported");
  }
  if (count_ * 2 >= slots_.size()) rehash(slots_.size() * 2);
  const uint64_t hash = hash_of(token);
  Slot* slot = const_cast<Slot*>(find_slot(token, hash));
  const auto id_bits = static_cast<uint32_t>(id);
  if (slot->record != 0) {
    if (replace) std::memcpy(records_.data() + slot->record - 1, &id_bits, 4);
    return false;
  }
  const size_t offset = records_.size();
  const auto length = static_cast<uint32_t>(token.size());
  records_.resize(records_.size() + kHeader + token.size());
  char* record = records_.data() + offset;
  std::memcpy(record, &id_bits, 4);
  std::memcpy(record + 4, &length, 4);
  if (!token.empty()) std::memcpy(record + kHeader, token.data(), token.size());
  *slot = {static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(offset + 1)};
  ++count_;
  longest_ = std::max(longest_, token.size());
  if (!token.empty()) {
    uint32_t& longest_here = longest_by_first_[static_cast<uint8_t>(token[0])];
    longest_here = std::max(longest_here, length);
  }
  return true;
}

bool Vocabulary::add(std::string_view token, int32_t id) {
  return insert(token, id, false);
}

void Vocabulary::add_or_replace(std::string_view token, int32_t id) {
  insert(token, id, true);
}

void Vocabulary::rehash(size_t slots) {
  std::vector<Slot> old(slots);
  old.swap(slots_);
  for_each([&](std::string_view token, int32_t) {
    const uint64_t hash = hash_of(token);
    Slot* slot = const_cast<Slot*>(find_slot(token, hash));
    const auto offset = static_cast<size_t>(token.data() - records_.data()) - kHeader;
    *slot = {static_cast<uint32_t>(hash >> 32), static_cast<uint32_t>(offset + 1)};
  });
}

void Vocabulary::finish() {
  records_by_id_.clear();
  records_by_id_.reserve(count_);
  for_each([&](std::string_view token, int32_t) {
    records_by_id_.push_back(static_cast<uint32_t>(token.data() - records_.data() - kHeader));
  });
  const auto by_id = [this](uint32_t a, uint32_t b) { return record_at(a).id < record_at(b).id; };
  if (!std::is_sorted(records_by_id_.begin(), records_by_id_.end(), by_id)) {
    std::stable_sort(records_by_id_.begin(), records_by_id_.end(), by_id);
  }
  max_id_ = records_by_id_.empty() ? kNone : record_at(records_by_id_.back()).id;
  const auto same_id = [this](uint32_t a, uint32_t b) { return record_at(a).id == record_at(b).id; };
  ids_are_unique_ = std::adjacent_find(records_by_id_.begin(), records_by_id_.end(), same_id) == records_by_id_.end();
}

int32_t Vocabulary::find(std::string_view token) const noexcept {
  const Slot* slot = find_slot(token, hash_of(token));
  return slot->record == 0 ? kNone : record_at(slot->record - 1).id;
}

std::string_view Vocabulary::string_of(int32_t id) const noexcept {
  const auto record = std::lower_bound(records_by_id_.begin(), records_by_id_.end(), id,
                                       [this](uint32_t a, int32_t wanted) { return record_at(a).id < wanted; });
  if (record == records_by_id_.end()) return {};
  const Record found = record_at(*record);
  return found.id == id ? found.token : std::string_view();
}

}  // namespace sbert::tokenizer
