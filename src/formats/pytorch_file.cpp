#include "formats/pytorch_file.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include <sbert/error.h>

#include "common/text.h"
#include "formats/pickle.h"
#include "formats/zip_archive.h"

namespace sbert::formats {
namespace {

using Kind = PickleValue::Kind;

// All names that a state dict may contain. Any other one refuses the file.
constexpr auto kKnownNames = std::to_array<std::string_view>({
    "collections.OrderedDict",
    "torch._utils._rebuild_tensor",
    "torch._utils._rebuild_tensor_v2",
    "torch._utils._rebuild_tensor_v3",
    "torch._utils._rebuild_parameter",
    "torch._utils._rebuild_parameter_with_state",
    "torch._tensor._rebuild_from_type_v2",
    "torch.nn.parameter.Parameter",
    "torch.Tensor",
    "torch.Size",
    "torch.device",
    "_codecs.encode",
    "builtins.set",
    "__builtin__.set",  // its name in protocol 2
    "torch.storage.TypedStorage",
    "torch.storage.UntypedStorage",
    "torch.DoubleStorage",
    "torch.FloatStorage",
    "torch.HalfStorage",
    "torch.BFloat16Storage",
    "torch.LongStorage",
    "torch.IntStorage",
    "torch.ShortStorage",
    "torch.CharStorage",
    "torch.ByteStorage",
    "torch.BoolStorage",
    "torch.ComplexFloatStorage",
    "torch.cuda.DoubleStorage",
    "torch.cuda.FloatStorage",
    "torch.cuda.HalfStorage",
    "torch.cuda.BFloat16Storage",
    "torch.cuda.LongStorage",
    "torch.cuda.IntStorage",
    "torch.cuda.ShortStorage",
    "torch.cuda.CharStorage",
    "torch.cuda.ByteStorage",
    "torch.cuda.BoolStorage",
    "torch.cuda.ComplexFloatStorage",
    "torch.float64",
    "torch.float32",
    "torch.float16",
    "torch.bfloat16",
    "torch.int64",
    "torch.int32",
    "torch.int16",
    "torch.int8",
    "torch.uint64",
    "torch.uint32",
    "torch.uint16",
    "torch.uint8",
    "torch.bool",
    "torch.complex64",
    "torch.float8_e4m3fn",
    "torch.float8_e4m3fnuz",
    "torch.float8_e5m2",
    "torch.float8_e5m2fnuz",
    "torch.float8_e8m0fnu",
});

struct NamedType {
  std::string_view name;
  DType dtype;
};

constexpr auto kStorageTypes = std::to_array<NamedType>({
    {"torch.storage.UntypedStorage", DType::kU8},
    {"torch.DoubleStorage", DType::kF64},
    {"torch.FloatStorage", DType::kF32},
    {"torch.HalfStorage", DType::kF16},
    {"torch.BFloat16Storage", DType::kBF16},
    {"torch.LongStorage", DType::kI64},
    {"torch.IntStorage", DType::kI32},
    {"torch.ShortStorage", DType::kI16},
    {"torch.CharStorage", DType::kI8},
    {"torch.ByteStorage", DType::kU8},
    {"torch.BoolStorage", DType::kBool},
    {"torch.ComplexFloatStorage", DType::kC64},
});

constexpr auto kTensorTypes = std::to_array<NamedType>({
    {"torch.float64", DType::kF64},
    {"torch.float32", DType::kF32},
    {"torch.float16", DType::kF16},
    {"torch.bfloat16", DType::kBF16},
    {"torch.int64", DType::kI64},
    {"torch.int32", DType::kI32},
    {"torch.int16", DType::kI16},
    {"torch.int8", DType::kI8},
    {"torch.uint64", DType::kU64},
    {"torch.uint32", DType::kU32},
    {"torch.uint16", DType::kU16},
    {"torch.uint8", DType::kU8},
    {"torch.bool", DType::kBool},
    {"torch.complex64", DType::kC64},
    {"torch.float8_e4m3fn", DType::kF8E4M3},
    {"torch.float8_e4m3fnuz", DType::kF8E4M3Fnuz},
    {"torch.float8_e5m2", DType::kF8E5M2},
    {"torch.float8_e5m2fnuz", DType::kF8E5M2Fnuz},
    {"torch.float8_e8m0fnu", DType::kF8E8M0},
});

template <size_t N>
std::optional<DType> find_type(const std::array<NamedType, N>& types, std::string_view name) {
  for (const NamedType& type : types) {
    if (type.name == name) return type.dtype;
  }
  return std::nullopt;
}

// A pickle can repeat a long text for two bytes, so that names must not cost more than they are worth.
constexpr size_t kMaxNameBytes = 1024;
constexpr size_t kMaxDimensions = 64;

size_t bytes_of(DType dtype) {
  return dtype_bits(dtype) / 8;
}

// What the tensors of one key share.
struct Storage {
  DType dtype = DType::kU8;
  uint64_t bytes = 0;
  std::span<const std::byte> data;  // set once it is known where the storage lies
};

// ("storage", class, key, device, elements), in the old form also (key, offset, elements) of a view or None.
struct StorageId {
  DType dtype = DType::kU8;
  std::string_view key;
  uint64_t bytes = 0;
  uint64_t view_offset = 0;
  uint64_t view_bytes = 0;
};

// offset, sizes and strides, in elements.
struct Layout {
  uint64_t offset = 0;
  std::vector<int64_t> sizes;
  std::vector<int64_t> strides;
  uint64_t count = 1;
};

bool is_row_major(const Layout& layout) {
  int64_t expected = 1;
  for (size_t i = layout.sizes.size(); i-- > 0;) {
    if (layout.sizes[i] == 1) continue;
    if (layout.strides[i] != expected) return false;
    expected *= layout.sizes[i];
  }
  return true;
}

// Element by element in row-major order; an odometer counts the dimensions before the last one.
std::vector<std::byte> row_major_copy(const Layout& layout, std::span<const std::byte> storage, size_t element) {
  std::vector<std::byte> copy(layout.count * element);
  std::vector<int64_t> index(layout.sizes.size());
  const auto last = static_cast<size_t>(layout.sizes.back());
  const size_t last_stride = static_cast<size_t>(layout.strides.back()) * element;
  size_t row = layout.offset * element;
  for (std::byte* out = copy.data(); out < copy.data() + copy.size();) {
    for (size_t i = 0; i < last; ++i, out += element) std::memcpy(out, storage.data() + row + i * last_stride, element);
    for (size_t d = index.size() - 1; d-- > 0;) {
      const size_t stride = static_cast<size_t>(layout.strides[d]) * element;
      row += stride;
      if (++index[d] < layout.sizes[d]) break;
      row -= stride * static_cast<size_t>(layout.sizes[d]);
      index[d] = 0;
    }
  }
  return copy;
}

// The state dict of one file: first its pickle, then the storages, then the tensors.
class StateDictReader {
 public:
  StateDictReader(std::span<const std::byte> file, const std::string& name) : file_(file), name_(name) {}

  PytorchContent read() {
    const auto starts_with = [this](std::string_view magic) {
      return file_.size() >= magic.size() && std::memcmp(file_.data(), magic.data(), magic.size()) == 0;
    };
    constexpr size_t kTarMagicAt = 257;
    if (starts_with("PK\3\4")) {
      read_zip();
    } else if (file_.size() > kTarMagicAt + 5 && std::memcmp(file_.data() + kTarMagicAt, "ustar", 5) == 0) {
      throw UnsupportedError(common::quote(name_) +
                             ": is a tar archive, as torch wrote them before 0.1.12; load it with an old torch and "
                             "save it again");
    } else if (starts_with("\x80")) {
      read_pickles();
    } else {
      fail("is not a file of torch.save: neither a zip archive nor a pickle");
    }
    read_tensors();
    return std::move(content_);
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const {
    throw InvalidModelError(common::quote(name_) + ": " + problem);
  }
  [[noreturn]] void fail(std::string_view tensor, const std::string& problem) const {
    fail("tensor " + common::quote(tensor) + " " + problem);
  }

  // ARCHIVE/data.pkl, ARCHIVE/byteorder and one entry ARCHIVE/data/KEY for each storage.
  void read_zip() {
    const ZipArchive zip = ZipArchive::parse(file_, name_);
    const std::string& first = zip.first_name();
    const std::string root = first.substr(0, first.find('/') == std::string::npos ? 0 : first.find('/') + 1);
    if (zip.find(root + "constants.pkl") != nullptr) {
      throw UnsupportedError(common::quote(name_) + ": is a TorchScript archive: a program, not a state dict");
    }
    const ZipArchive::Entry* pickle = zip.find(root + "data.pkl");
    if (pickle == nullptr) fail("has no zip entry " + common::quote(root + "data.pkl"));
    if (const ZipArchive::Entry* order = zip.find(root + "byteorder")) {
      const std::string_view text(reinterpret_cast<const char*>(order->bytes.data()), order->bytes.size());
      if (text == "big") throw_big_endian();
      if (text != "little") fail("has the unknown byte order " + common::quote(text));
    }
    pickle_ = read_pickle(pickle->bytes, name_, kKnownNames);
    collect_storages();
    for (auto& [key, storage] : storages_) {
      const ZipArchive::Entry* entry = zip.find(root + "data/" + std::string(key));
      if (entry == nullptr) fail("has no zip entry " + common::quote(root + "data/" + std::string(key)));
      if (entry->bytes.size() < storage.bytes) {
        fail("zip entry " + common::quote(entry->name) + " has " + std::to_string(entry->bytes.size()) +
             " bytes, its storage " + std::to_string(storage.bytes));
      }
      storage.data = entry->bytes.first(storage.bytes);
    }
  }

  // Five pickles: magic number, protocol version, system, state dict, keys of the storages. Then each storage of that
  // list: its number of elements as 64 bits, its elements (little-endian on every system).
  void read_pickles() {
    size_t at = 0;
    const auto next = [&] {
      Pickle pickle = read_pickle(file_.subspan(at), name_, kKnownNames);
      at += pickle.size;
      return pickle;
    };
    constexpr std::string_view kMagicNumber("\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 10);
    const Pickle magic = next();
    if (magic.root->kind != Kind::kBigInteger || magic.root->bytes != kMagicNumber) {
      fail("is a pickle, but not one of torch.save: its magic number is missing");
    }
    const Pickle version = next();
    if (version.root->kind != Kind::kInteger || version.root->integer != 1001) fail("has an unknown protocol version");
    next();
    pickle_ = next();
    collect_storages();
    const Pickle keys = next();
    if (keys.root->kind != Kind::kList) fail("has no list of storages");
    for (const PickleValue* key : keys.root->items) {
      const auto found = key->kind == Kind::kString ? storages_.find(key->bytes) : storages_.end();
      if (found == storages_.end()) fail("lists a storage that no tensor names");
      Storage& storage = found->second;
      uint64_t count = 0;
      if (file_.size() - at < sizeof(count)) fail("is cut off: its storages are missing");
      std::memcpy(&count, file_.data() + at, sizeof(count));
      at += sizeof(count);
      if (count != storage.bytes / bytes_of(storage.dtype)) {
        fail("storage " + common::quote(found->first) + " has " + std::to_string(count) +
             " elements, its tensors say " + std::to_string(storage.bytes / bytes_of(storage.dtype)));
      }
      if (storage.bytes > file_.size() - at) fail("is cut off in storage " + common::quote(found->first));
      storage.data = file_.subspan(at, storage.bytes);
      at += storage.bytes;
    }
    for (const auto& [key, storage] : storages_) {
      if (storage.data.size() != storage.bytes) fail("has no data for storage " + common::quote(key));
    }
  }

  [[noreturn]] void throw_big_endian() const {
    throw UnsupportedError(common::quote(name_) + ": was saved on a big-endian machine");
  }

  void collect_storages() {
    for (const PickleValue* persistent : pickle_.persistents) {
      const StorageId id = read_storage_id(*persistent);
      const auto [place, is_new] = storages_.try_emplace(id.key, Storage{id.dtype, id.bytes, {}});
      if (!is_new && (place->second.dtype != id.dtype || place->second.bytes != id.bytes)) {
        fail("storage " + common::quote(id.key) + " is described in two ways");
      }
    }
  }

  StorageId read_storage_id(const PickleValue& persistent) const {
    const auto broken = [this] { fail("has a storage that is not described as torch.save does"); };
    const PickleValue& tuple = *persistent.items[0];
    if (tuple.kind != Kind::kTuple || (tuple.items.size() != 5 && tuple.items.size() != 6)) broken();
    const auto& items = tuple.items;
    if (items[0]->kind != Kind::kString || items[0]->bytes != "storage" || items[1]->kind != Kind::kName ||
        items[2]->kind != Kind::kString || items[4]->kind != Kind::kInteger || items[4]->integer < 0) {
      broken();
    }
    std::string type(items[1]->bytes);
    if (type.starts_with("torch.cuda.")) type.erase(5, 5);
    const std::optional<DType> dtype = find_type(kStorageTypes, type);
    if (!dtype) fail("has a storage of the type " + common::quote(type));
    StorageId id{.dtype = *dtype, .key = items[2]->bytes};
    if (id.key.size() > kMaxNameBytes) fail("has a storage whose name is too long");
    id.bytes = byte_count(items[4]->integer, id.dtype);
    id.view_bytes = id.bytes;
    if (items.size() == 6 && items[5]->kind != Kind::kNone) {
      const auto& view = items[5]->items;
      if (items[5]->kind != Kind::kTuple || view.size() != 3 || view[1]->kind != Kind::kInteger ||
          view[2]->kind != Kind::kInteger || view[1]->integer < 0 || view[2]->integer < 0) {
        broken();
      }
      id.view_offset = byte_count(view[1]->integer, id.dtype);
      id.view_bytes = byte_count(view[2]->integer, id.dtype);
      if (id.view_offset > id.bytes || id.view_bytes > id.bytes - id.view_offset) {
        fail("storage " + common::quote(id.key) + " has a view that reaches outside it");
      }
    }
    return id;
  }

  uint64_t byte_count(int64_t elements, DType dtype) const {
    uint64_t bytes = 0;
    if (__builtin_mul_overflow(static_cast<uint64_t>(elements), bytes_of(dtype), &bytes)) {
      fail("has a storage of " + std::to_string(elements) + " elements");
    }
    return bytes;
  }

  void read_tensors() {
    const PickleValue& root = *pickle_.root;
    if (root.kind != Kind::kDict) fail("holds no state dict: a dictionary of tensors is expected");
    std::vector<std::string_view> names;
    std::string_view inner;
    for (size_t i = 0; i < root.items.size(); i += 2) {
      const PickleValue& key = *root.items[i];
      const PickleValue& value = *root.items[i + 1];
      if (key.kind != Kind::kString) fail("holds a dictionary whose keys are not all names of tensors");
      if (key.bytes.size() > kMaxNameBytes) {
        fail(key.bytes, "has a name of more than " + std::to_string(kMaxNameBytes) + " bytes");
      }
      names.push_back(key.bytes);
      if (is_tensor(value)) {
        read_tensor(key.bytes, value);
      } else if (value.kind == Kind::kDict && inner.empty()) {
        inner = key.bytes;
      }
    }
    std::sort(names.begin(), names.end());
    const auto twice = std::adjacent_find(names.begin(), names.end());
    if (twice != names.end()) fail("entry " + common::quote(*twice) + " is there twice");
    if (content_.tensors.empty() && !inner.empty()) {
      fail("holds no tensors but a dictionary " + common::quote(inner) +
           "; as the reference does, only a flat state dict is read: save that one");
    }
  }

  // torch.Size and torch.device are calls, too.
  static bool is_tensor(const PickleValue& value) {
    return value.kind == Kind::kCall && value.items[0]->bytes.find("._rebuild_") != std::string_view::npos;
  }

  void read_tensor(std::string_view name, const PickleValue& value) {
    const PickleValue* call = &value;
    // Parameters wrap a tensor; _rebuild_from_type_v2(function, type, arguments, state) defers the call of one. Each
    // layer is made of objects of its own, so that a real file needs two steps at most.
    for (int step = 0; step < 4; ++step) {
      const std::string_view function = call->items[0]->bytes;
      const auto& arguments = call->items[1]->items;
      if (function == "torch._utils._rebuild_parameter" || function == "torch._utils._rebuild_parameter_with_state") {
        if (arguments.empty() || !is_tensor(*arguments[0])) fail(name, "is a parameter without a tensor");
        call = arguments[0];
      } else if (function == "torch._tensor._rebuild_from_type_v2") {
        if (arguments.size() != 4 || arguments[0]->kind != Kind::kName || arguments[2]->kind != Kind::kTuple) {
          fail(name, "is not described as torch.save does");
        }
        if (arguments[1]->bytes != "torch.Tensor" && arguments[1]->bytes != "torch.nn.parameter.Parameter") {
          fail(name, "is of an unknown type");
        }
        return read_plain_tensor(name, arguments[0]->bytes, arguments[2]->items);
      } else {
        return read_plain_tensor(name, function, arguments);
      }
    }
    fail(name, "is wrapped too often");
  }

  // _rebuild_tensor(storage, offset, size, stride), _v2 with requires_grad, hooks and metadata behind, _v3 with the
  // dtype before the metadata; the storage of the latter is untyped.
  void read_plain_tensor(std::string_view name, std::string_view function,
                         const std::vector<const PickleValue*>& arguments) {
    size_t plain = 0;  // arguments before the metadata
    if (function == "torch._utils._rebuild_tensor") plain = 4;
    if (function == "torch._utils._rebuild_tensor_v2") plain = 6;
    if (function == "torch._utils._rebuild_tensor_v3") plain = 7;
    if (plain == 0) fail(name, "is made by " + common::quote(function));
    if (arguments.size() < plain || arguments.size() > plain + 1 || arguments[0]->kind != Kind::kPersistent) {
      fail(name, "is not described as torch.save does");
    }
    if (arguments.size() > plain && !(arguments[plain]->kind == Kind::kNone ||
                                      (arguments[plain]->kind == Kind::kDict && arguments[plain]->items.empty()))) {
      throw UnsupportedError(common::quote(name_) + ": tensor " + common::quote(name) +
                             " is stored negated or conjugated");
    }
    const StorageId id = read_storage_id(*arguments[0]);
    DType dtype = id.dtype;
    if (plain == 7) {
      const std::optional<DType> type = find_type(kTensorTypes, arguments[6]->bytes);
      if (arguments[6]->kind != Kind::kName || !type) fail(name, "has an unknown dtype");
      dtype = *type;
    }
    const std::span<const std::byte> storage =
        storages_.find(id.key)->second.data.subspan(id.view_offset, id.view_bytes);
    add_tensor(name, dtype, read_layout(name, arguments, storage.size() / bytes_of(dtype)), storage);
  }

  Layout read_layout(std::string_view name, const std::vector<const PickleValue*>& arguments,
                     uint64_t storage_elements) const {
    Layout layout;
    if (arguments[1]->kind != Kind::kInteger || arguments[1]->integer < 0) fail(name, "has no storage offset");
    layout.offset = static_cast<uint64_t>(arguments[1]->integer);
    layout.sizes = read_dimensions(name, *arguments[2]);
    layout.strides = read_dimensions(name, *arguments[3]);
    if (layout.sizes.size() != layout.strides.size()) fail(name, "has sizes and strides of different length");
    bool overflow = false;
    bool empty = false;
    uint64_t last = layout.offset;  // the furthest element
    for (size_t i = 0; i < layout.sizes.size(); ++i) {
      const auto size = static_cast<uint64_t>(layout.sizes[i]);
      uint64_t reach = 0;
      empty = empty || size == 0;
      overflow = __builtin_mul_overflow(layout.count, size, &layout.count) || overflow;
      if (size == 0) continue;
      overflow = __builtin_mul_overflow(size - 1, static_cast<uint64_t>(layout.strides[i]), &reach) || overflow;
      overflow = __builtin_add_overflow(last, reach, &last) || overflow;
    }
    if (empty) {
      layout.count = 0;
    } else if (overflow || last >= storage_elements) {
      fail(name, "of shape " + shape_to_string(layout.sizes) + " reaches outside its storage of " +
                     std::to_string(storage_elements) + " elements");
    }
    return layout;
  }

  std::vector<int64_t> read_dimensions(std::string_view name, const PickleValue& value) const {
    const PickleValue* tuple = &value;
    if (value.kind == Kind::kCall && value.items[0]->bytes == "torch.Size" && value.items[1]->items.size() == 1) {
      tuple = value.items[1]->items[0];
    }
    if (tuple->kind != Kind::kTuple && tuple->kind != Kind::kList) fail(name, "has a shape that is not a tuple");
    if (tuple->items.size() > kMaxDimensions) {
      fail(name, "has more than " + std::to_string(kMaxDimensions) + " dimensions");
    }
    std::vector<int64_t> dimensions;
    for (const PickleValue* item : tuple->items) {
      if (item->kind != Kind::kInteger || item->integer < 0) fail(name, "has a size or stride that is not a count");
      dimensions.push_back(item->integer);
    }
    return dimensions;
  }

  void add_tensor(std::string_view name, DType dtype, const Layout& layout, std::span<const std::byte> storage) {
    TensorView tensor{.name = std::string(name), .dtype = dtype, .shape = layout.sizes, .bytes = {}, .file = name_};
    const uint64_t bytes = layout.count * bytes_of(dtype);
    // Together the copies stay as small as the file: a stride of 0 would make terabytes of four bytes.
    if (layout.count > 0 && is_row_major(layout)) {
      tensor.bytes = storage.subspan(layout.offset * bytes_of(dtype), bytes);
    } else if (layout.count > 0) {
      if (layout.count > file_.size() || bytes > file_.size() - copied_bytes_) {
        fail(name, "of shape " + shape_to_string(layout.sizes) +
                       " repeats or interleaves elements: in row-major order it would need more memory than the file");
      }
      copied_bytes_ += bytes;
      content_.copies.push_back(row_major_copy(layout, storage, bytes_of(dtype)));
      tensor.bytes = content_.copies.back();
    }
    content_.tensors.push_back(std::move(tensor));
  }

  std::span<const std::byte> file_;
  const std::string& name_;
  Pickle pickle_;
  std::map<std::string_view, Storage> storages_;  // by key
  uint64_t copied_bytes_ = 0;
  PytorchContent content_;
};

}  // namespace

PytorchContent parse_pytorch(std::span<const std::byte> file, const std::string& name) {
  return StateDictReader(file, name).read();
}

}  // namespace sbert::formats
