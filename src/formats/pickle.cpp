#include "formats/pickle.h"

#include <algorithm>
#include <cstring>

#include <sbert/error.h>

#include "common/text.h"

namespace sbert::formats {
namespace {

using Kind = PickleValue::Kind;
using Ref = const PickleValue*;

// A tensor takes some 16 objects and 45 steps. Together the limits keep a hostile pickle under 60 MB.
constexpr size_t kMaxObjects = 300000;
constexpr size_t kMaxSteps = 2000000;
constexpr size_t kMaxMarks = 1000;
constexpr size_t kMaxNameBytes = 200;

// The virtual machine of https://docs.python.org/3/library/pickletools.html, opcodes named as there.
class PickleMachine {
 public:
  PickleMachine(std::span<const std::byte> bytes, const std::string& file,
                std::span<const std::string_view> known_names)
      : bytes_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), file_(file), known_names_(known_names) {}

  Pickle run() {
    none_ = make(Kind::kNone);
    for (const int64_t value : {0, 1}) {
      booleans_[value] = make(Kind::kBool);
      booleans_[value]->integer = value;
    }
    empty_tuple_ = make(Kind::kTuple);
    for (size_t step = 0; step < kMaxSteps; ++step) {
      const auto opcode = static_cast<unsigned char>(take(1)[0]);
      if (opcode == '.') return stop();
      execute(opcode);
    }
    fail("has more than " + std::to_string(kMaxSteps) + " steps");
  }

 private:
  [[noreturn]] void fail(const std::string& problem) const { throw InvalidModelError(where() + " " + problem); }
  [[noreturn]] void refuse(const std::string& what) const {
    throw UnsupportedError(where() + " " + what + ", which is not part of a plain state dict and is never run");
  }
  std::string where() const { return common::quote(file_) + ": the pickle, near byte " + std::to_string(at_) + ","; }

  void execute(unsigned char opcode) {
    switch (opcode) {
      case 0x80:  // PROTO
        if (const auto protocol = take_integer<uint8_t>(); protocol > 5) {
          fail("has the unknown protocol " + std::to_string(protocol));
        }
        break;
      case 0x95:  // FRAME: its length is of use to readers of streams only
        take(8);
        break;

      case 'N':
        push(none_);
        break;
      case 0x88:  // NEWTRUE
      case 0x89:  // NEWFALSE
        push(booleans_[opcode == 0x88 ? 1 : 0]);
        break;
      case 'K':  // BININT1
        push_integer(take_integer<uint8_t>());
        break;
      case 'M':  // BININT2
        push_integer(take_integer<uint16_t>());
        break;
      case 'J':  // BININT
        push_integer(take_integer<int32_t>());
        break;
      case 0x8a:  // LONG1
        push_long(take(take_integer<uint8_t>()));
        break;
      case 'G':  // BINFLOAT
        take(8);
        push(make(Kind::kFloat));
        break;
      case 'X':  // BINUNICODE
        push_string(take(take_integer<uint32_t>()));
        break;
      case 0x8c:  // SHORT_BINUNICODE
      case 'U':   // SHORT_BINSTRING, the text of Python 2
        push_string(take(take_integer<uint8_t>()));
        break;

      case '(':  // MARK
        if (marks_.size() == kMaxMarks) fail("is nested deeper than " + std::to_string(kMaxMarks) + " levels");
        marks_.push_back(stack_.size());
        break;
      case ')':  // EMPTY_TUPLE
        push(empty_tuple_);
        break;
      case ']':  // EMPTY_LIST
        push(make(Kind::kList));
        break;
      case '}':  // EMPTY_DICT
        push(make(Kind::kDict));
        break;
      case 0x8f:  // EMPTY_SET
        push(make(Kind::kSet));
        break;
      case 't':  // TUPLE
        push_tuple(pop_mark());
        break;
      case 0x85:  // TUPLE1
      case 0x86:  // TUPLE2
      case 0x87:  // TUPLE3
        push_tuple(pop(opcode - 0x84u));
        break;
      case 'a':  // APPEND
        extend(Kind::kList, pop(1));
        break;
      case 'e':  // APPENDS
        extend(Kind::kList, pop_mark());
        break;
      case 0x90:  // ADDITEMS
        extend(Kind::kSet, pop_mark());
        break;
      case 's':  // SETITEM
        extend(Kind::kDict, pop(2));
        break;
      case 'u':  // SETITEMS
        extend(Kind::kDict, pop_mark());
        break;

      case 'q':  // BINPUT
        put(take_integer<uint8_t>());
        break;
      case 'r':  // LONG_BINPUT
        put(take_integer<uint32_t>());
        break;
      case 0x94:  // MEMOIZE
        put(memo_.size());
        break;
      case 'h':  // BINGET
        get(take_integer<uint8_t>());
        break;
      case 'j':  // LONG_BINGET
        get(take_integer<uint32_t>());
        break;

      case 'c': {  // GLOBAL
        const std::string_view module = take_line();
        push_name(module, take_line());
        break;
      }
      case 0x93: {  // STACK_GLOBAL
        const std::vector<Ref> names = pop(2);
        if (names[0]->kind != Kind::kString || names[1]->kind != Kind::kString) fail("has a name that is no text");
        push_name(names[0]->bytes, names[1]->bytes);
        break;
      }
      case 'R':  // REDUCE
        call();
        break;
      case 'b':  // BUILD
        build();
        break;
      case 'Q': {  // BINPERSID
        PickleValue* persistent = make(Kind::kPersistent);
        persistent->items = pop(1);
        result_.persistents.push_back(persistent);
        push(persistent);
        break;
      }

      case 'i': {  // INST
        const std::string_view module = take_line();
        refuse("makes an object of " + common::quote(std::string(module) + "." + std::string(take_line())));
      }
      case 'o':     // OBJ
      case 0x81:    // NEWOBJ
      case 0x92: {  // NEWOBJ_EX
        const Ref top = stack_.size() > top_mark() ? stack_[opcode == 'o' ? top_mark() : below_top()] : none_;
        refuse("makes an object of " + common::quote(top->kind == Kind::kName ? top->bytes : "an unnamed class"));
      }
      default:
        refuse("uses the opcode " + std::to_string(opcode));
    }
  }

  // REDUCE: the arguments on top of the function. An OrderedDict is a dict; Python 2 gave it its items as an argument.
  void call() {
    std::vector<Ref> items = pop(2);
    const Ref function = items[0];
    const Ref arguments = items[1];
    if (function->kind != Kind::kName) fail("calls something that is not a function");
    if (arguments->kind != Kind::kTuple) fail("calls " + common::quote(function->bytes) + " without a tuple");
    if (function->bytes != "collections.OrderedDict") {
      PickleValue* result = make(Kind::kCall);
      result->items = std::move(items);
      push(result);
      return;
    }
    PickleValue* dict = make(Kind::kDict);
    push(dict);
    if (arguments->items.empty()) return;
    const Ref pairs = arguments->items[0];
    if (arguments->items.size() > 1 || pairs->kind != Kind::kList) fail("has an OrderedDict that is not made of pairs");
    copied_pairs_ += pairs->items.size();  // one list may make many of them
    if (copied_pairs_ > kMaxObjects) fail("has more than " + std::to_string(kMaxObjects) + " objects");
    for (const Ref pair : pairs->items) {
      if ((pair->kind != Kind::kList && pair->kind != Kind::kTuple) || pair->items.size() != 2) {
        fail("has an OrderedDict that is not made of pairs");
      }
      dict->items.insert(dict->items.end(), pair->items.begin(), pair->items.end());
    }
  }

  // Python attributes of a state dict (`_metadata`) say nothing about its tensors.
  void build() {
    pop(1);
    if (top()->kind != Kind::kDict) refuse("sets attributes of an object");
  }

  Pickle stop() {
    result_.root = pop(1)[0];
    if (!stack_.empty() || !marks_.empty()) fail("ends with unused objects");
    result_.size = at_;
    return std::move(result_);
  }

  // The bytes of the file.
  std::string_view take(size_t size) {
    if (size > bytes_.size() - at_) {
      throw InvalidModelError(common::quote(file_) + ": the pickle is cut off or damaged");
    }
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  template <typename Integer>
  Integer take_integer() {
    Integer value;
    std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
    return value;
  }
  std::string_view take_line() {
    const size_t size = bytes_.substr(at_, kMaxNameBytes + 1).find('\n');
    if (size == std::string_view::npos) fail("has a name without an end");
    const std::string_view line = take(size);
    take(1);
    return line;
  }

  // The stack. Objects below the last mark are out of reach.
  size_t top_mark() const { return marks_.empty() ? 0 : marks_.back(); }
  size_t below_top() const { return stack_.size() > top_mark() + 1 ? stack_.size() - 2 : stack_.size() - 1; }
  void push(Ref value) { stack_.push_back(value); }
  std::vector<Ref> pop(size_t count) {
    if (stack_.size() - top_mark() < count) fail("takes objects that are not there");
    return pop_from(stack_.size() - count);
  }
  std::vector<Ref> pop_mark() {
    if (marks_.empty()) fail("takes objects that are not there");
    const size_t begin = marks_.back();
    marks_.pop_back();
    return pop_from(begin);
  }
  std::vector<Ref> pop_from(size_t begin) {
    const auto first = stack_.begin() + static_cast<std::ptrdiff_t>(begin);
    std::vector<Ref> values(first, stack_.end());
    stack_.erase(first, stack_.end());
    return values;
  }
  Ref top() const {
    if (stack_.size() == top_mark()) fail("takes objects that are not there");
    return stack_.back();
  }

  void put(size_t index) {
    if (index >= kMaxObjects) fail("remembers more than " + std::to_string(kMaxObjects) + " objects");
    if (index >= memo_.size()) memo_.resize(index + 1, nullptr);
    memo_[index] = top();
  }
  void get(size_t index) {
    if (index >= memo_.size() || memo_[index] == nullptr) fail("recalls an object that it has not seen");
    push(memo_[index]);
  }

  PickleValue* make(Kind kind) {
    if (result_.values.size() == kMaxObjects) fail("has more than " + std::to_string(kMaxObjects) + " objects");
    PickleValue& value = result_.values.emplace_back();
    value.kind = kind;
    return &value;
  }
  void push_integer(int64_t integer) {
    PickleValue* value = make(Kind::kInteger);
    value->integer = integer;
    push(value);
  }
  void push_long(std::string_view bytes) {
    if (bytes.size() > sizeof(int64_t)) {
      PickleValue* value = make(Kind::kBigInteger);
      value->bytes = bytes;
      push(value);
      return;
    }
    uint64_t bits = !bytes.empty() && (bytes.back() & 0x80) != 0 ? ~uint64_t{0} : 0;  // the sign fills the rest
    if (!bytes.empty()) std::memcpy(&bits, bytes.data(), bytes.size());
    push_integer(static_cast<int64_t>(bits));
  }
  void push_string(std::string_view text) {
    if (!common::is_valid_utf8(text)) fail("has a text that is not valid UTF-8");
    PickleValue* value = make(Kind::kString);
    value->bytes = text;
    push(value);
  }
  void push_tuple(std::vector<Ref> items) {
    PickleValue* tuple = make(Kind::kTuple);
    tuple->items = std::move(items);
    push(tuple);
  }
  // The name that the value keeps is ours, not the file's: what was checked is what is used.
  void push_name(std::string_view module, std::string_view name) {
    const std::string full = std::string(module.substr(0, kMaxNameBytes)) + "." +  //
                             std::string(name.substr(0, kMaxNameBytes));
    const auto known = std::find(known_names_.begin(), known_names_.end(), full);
    if (known == known_names_.end()) refuse("names " + common::quote(full));
    PickleValue* value = make(Kind::kName);
    value->bytes = *known;
    push(value);
  }

  void extend(Kind kind, const std::vector<Ref>& values) {
    constexpr auto kind_name = [](Kind k) {
      return k == Kind::kList ? "list" : k == Kind::kSet ? "set" : "dictionary";
    };
    if (top()->kind != kind) fail(std::string("puts items into an object that is not a ") + kind_name(kind));
    if (kind == Kind::kDict && values.size() % 2 != 0) fail("has a dictionary key without a value");
    // The machine made every value, none of them const; only its callers get to see them so.
    auto& items = const_cast<PickleValue*>(top())->items;
    items.insert(items.end(), values.begin(), values.end());
  }

  std::string_view bytes_;
  const std::string& file_;
  std::span<const std::string_view> known_names_;
  size_t at_ = 0;
  size_t copied_pairs_ = 0;
  Pickle result_;
  std::vector<Ref> stack_;
  std::vector<size_t> marks_;  // sizes of stack_
  std::vector<Ref> memo_;
  Ref none_ = nullptr;
  PickleValue* booleans_[2] = {};
  Ref empty_tuple_ = nullptr;
};

}  // namespace

Pickle read_pickle(std::span<const std::byte> bytes, const std::string& file,
                   std::span<const std::string_view> known_names) {
  return PickleMachine(bytes, file, known_names).run();
}

}  // namespace sbert::formats
