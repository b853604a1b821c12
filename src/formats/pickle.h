#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sbert::formats {

/// One object that a pickle describes. Nothing is imported, called or built: a name stays a name, and what Python would
/// call is a kCall that lists the function's name and its arguments.
struct PickleValue {
  enum class Kind : uint8_t {
    kNone,
    kBool,        // integer
    kInteger,     // integer
    kBigInteger,  // bytes: two's complement, little-endian, more than 64 bits
    kFloat,
    kString,      // bytes: valid UTF-8
    kTuple,       // items
    kList,        // items
    kSet,         // items
    kDict,        // items: key, value, key, value ...; keys may repeat
    kName,        // bytes: "torch.FloatStorage"
    kCall,        // items: the function, a kName, and its arguments, a kTuple
    kPersistent,  // items: the id of an object that lies outside the pickle
  };

  Kind kind = Kind::kNone;
  int64_t integer = 0;
  std::string_view bytes;
  std::vector<const PickleValue*> items;  // may refer back to the object itself: never follow them without a limit
};

struct Pickle {
  const PickleValue* root = nullptr;
  size_t size = 0;                              // bytes of the pickle; what follows it is somebody else's
  std::vector<const PickleValue*> persistents;  // every kPersistent, in the order of the file
  std::deque<PickleValue> values;               // owns all of them
};

/// Reads the pickle at the begin of `bytes`, which must outlive the result. It knows the opcodes that torch.save uses
/// (protocol 2, and what protocols 3 and 4 need to write the same objects). A name that is not in `known_names`, and
/// any opcode that builds objects of other classes, is an UnsupportedError that names it. Damage, more than 300 000
/// objects or 2 000 000 steps, and nesting beyond 1000 marks are InvalidModelErrors naming `file`.
Pickle read_pickle(std::span<const std::byte> bytes, const std::string& file,
                   std::span<const std::string_view> known_names);

}  // namespace sbert::formats
