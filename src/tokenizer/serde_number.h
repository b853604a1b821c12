#pragma once

namespace sbert::tokenizer {

/// A number of a JSON file as `tokenizers` has it after loading. It reads with serde_json, which takes the digits as
/// one integer and scales that by a power of ten: two roundings, so that every seventh score of a vocabulary differs
/// from the nearest double, `value`, in its last bit. Where sums of scores are almost equal that decides.
/// The digits of the file are taken to be the shortest that mean `value`: that is how JSON writers put them.
double as_serde_reads(double value);

}  // namespace sbert::tokenizer
