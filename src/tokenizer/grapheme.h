#pragma once

#include "tokenizer/unicode.h"

namespace sbert::tokenizer {

/// Walks over text and says where extended grapheme clusters end (Unicode Standard Annex 29).
class GraphemeBreaks {
 public:
  /// `first` starts a cluster.
  explicit GraphemeBreaks(unicode::GraphemeClass first) noexcept { enter(first); }

  /// True when a new cluster starts at the next code point, which is of class `next`.
  bool breaks_before(unicode::GraphemeClass next) noexcept {
    const bool breaks = is_break(next);
    enter(next);
    return breaks;
  }

 private:
  using Class = unicode::GraphemeClass;

  static bool is_control(Class c) noexcept {
    return c == Class::kControl || c == Class::kCarriageReturn || c == Class::kLineFeed;
  }
  static bool extends(Class c) noexcept {
    return c == Class::kExtend || c == Class::kLinker || c == Class::kExtendNoConjunct;
  }

  bool is_break(Class next) const noexcept {
    if (previous_ == Class::kCarriageReturn && next == Class::kLineFeed) return false;
    if (is_control(previous_) || is_control(next)) return true;
    if (extends(next) || next == Class::kZeroWidthJoiner || next == Class::kSpacingMark) return false;
    if (previous_ == Class::kPrepend) return false;
    switch (next) {
      case Class::kHangulL:
      case Class::kHangulLV:
      case Class::kHangulLVT:
        return previous_ != Class::kHangulL;
      case Class::kHangulV:
        return previous_ != Class::kHangulL && previous_ != Class::kHangulV && previous_ != Class::kHangulLV;
      case Class::kHangulT:
        return previous_ != Class::kHangulV && previous_ != Class::kHangulLV && previous_ != Class::kHangulT &&
               previous_ != Class::kHangulLVT;
      case Class::kConsonant:
        return conjunct_ != Conjunct::kLinked;
      case Class::kPictographic:
        return emoji_ != Emoji::kJoined;
      case Class::kRegionalIndicator:
        return !odd_indicators_;
      default:
        return true;
    }
  }

  void enter(Class c) noexcept {
    if (c == Class::kConsonant) {
      conjunct_ = Conjunct::kConsonant;
    } else if (c == Class::kLinker) {
      if (conjunct_ != Conjunct::kNone) conjunct_ = Conjunct::kLinked;
    } else if (c != Class::kExtend && c != Class::kZeroWidthJoiner) {
      conjunct_ = Conjunct::kNone;
    }
    if (c == Class::kPictographic) {
      emoji_ = Emoji::kPictographic;
    } else if (c == Class::kZeroWidthJoiner) {
      emoji_ = emoji_ == Emoji::kPictographic ? Emoji::kJoined : Emoji::kNone;
    } else if (!extends(c) || emoji_ == Emoji::kJoined) {
      emoji_ = Emoji::kNone;
    }
    odd_indicators_ = c == Class::kRegionalIndicator && !odd_indicators_;
    previous_ = c;
  }

  enum class Conjunct : uint8_t { kNone, kConsonant, kLinked };
  enum class Emoji : uint8_t { kNone, kPictographic, kJoined };
  Class previous_ = Class::kOther;
  Conjunct conjunct_ = Conjunct::kNone;
  Emoji emoji_ = Emoji::kNone;
  bool odd_indicators_ = false;
};

}  // namespace sbert::tokenizer
