// sentencepiece models: what is read of them, and that any bytes are a model or an error naming the file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <random>
#include <string>

#include <sbert/error.h>

#include "support/errors.h"
#include "support/temporary_folder.h"
#include "tokenizer/sentencepiece_model.h"
#include "tokenizer/sentencepiece_writer.h"
#include "tokenizer/vocabulary_files.h"

namespace sbert::tokenizer {
namespace {

using namespace sbert::test;  // NOLINT: the writer's many small functions
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class SentencePiece : public testing::Test {
 protected:
  SentencePieceModel read(const std::string& bytes) {
    folder_.write("spiece.model", bytes);
    return SentencePieceModel(folder_.path() / "spiece.model");
  }
  std::string error_of(const std::string& bytes) {
    return message_of<InvalidModelError>([&] { read(bytes); });
  }

 private:
  TemporaryFolder folder_;
};

const std::string kSmall =
    piece("<unk>", 0, kUnknown) + piece("<s>", 0, kControl) + piece("a", -1.5F) +
    piece("\xE2\x96\x81", -2.25F, kUserDefined) + trainer(kBpe, 0, true) +
    bytes_field(3, bytes_field(1, "nmt_nfkc") + bytes_field(2, std::string("\x04\0\0\0table", 9)));

TEST_F(SentencePiece, PiecesTypesAndOptions) {
  const SentencePieceModel model = read(kSmall);
  ASSERT_EQ(model.pieces.size(), 4u);
  EXPECT_EQ(model.pieces[0].type, SentencePieceModel::Type::kUnknown);
  EXPECT_EQ(model.pieces[1].type, SentencePieceModel::Type::kControl);
  EXPECT_EQ(model.pieces[2].text, "a");
  EXPECT_EQ(model.pieces[2].score, -1.5);
  EXPECT_EQ(model.pieces[3].type, SentencePieceModel::Type::kUserDefined);
  EXPECT_FALSE(model.is_unigram);
  EXPECT_TRUE(model.byte_fallback);
  EXPECT_EQ(model.precompiled_charsmap, std::string_view("\x04\0\0\0table", 9));
}

TEST_F(SentencePiece, DefaultsOfTheFormat) {
  const SentencePieceModel model = read(bytes_field(1, bytes_field(1, "x")));
  EXPECT_EQ(model.pieces[0].type, SentencePieceModel::Type::kNormal);
  EXPECT_EQ(model.pieces[0].score, 0);
  EXPECT_TRUE(model.is_unigram);
  EXPECT_FALSE(model.byte_fallback);
  EXPECT_EQ(model.unk_id, 0);
  EXPECT_EQ(model.eos_id, 2);
  EXPECT_EQ(model.unk_piece, "<unk>");
  EXPECT_TRUE(model.precompiled_charsmap.empty());
}

TEST_F(SentencePiece, NegativeNumbersAreTenBytes) {
  const SentencePieceModel model = read(
      piece("x") + bytes_field(2, number_field(41, static_cast<uint64_t>(int64_t{-1})) + bytes_field(45, "[UNK]")));
  EXPECT_EQ(model.bos_id, -1);
  EXPECT_EQ(model.unk_piece, "[UNK]");
}

TEST_F(SentencePiece, WhatIsNotKnownIsSkippedAndTheLastOfTwoCounts) {
  const std::string unknown = number_field(99, 7) + bytes_field(1000, "bytes") + float_field(12, 1) +
                              varint(13 << 3 | 1) + std::string(8, 'x') + number_field(1, 5);
  const SentencePieceModel model = read(unknown + piece("x", 1, 77) + bytes_field(2, number_field(3, kBpe)) +
                                        bytes_field(2, unknown + number_field(3, 9)) + unknown);
  ASSERT_EQ(model.pieces.size(), 1u);
  EXPECT_EQ(model.pieces[0].type, SentencePieceModel::Type::kNormal);  // 77 is no type
  EXPECT_FALSE(model.is_unigram);                                      // nor 9 a model
  EXPECT_TRUE(read(piece("x") + trainer(kBpe) + trainer(kUnigram)).is_unigram);
}

TEST_F(SentencePiece, BrokenFilesAreErrorsThatNameThem) {
  EXPECT_THAT(error_of(""), HasSubstr("spiece.model"));
  EXPECT_THAT(error_of("{\"model\": {}}"), HasSubstr("not a sentencepiece model"));
  EXPECT_THAT(error_of("IQ== 0\nIg== 1\n"), HasSubstr("not a sentencepiece model"));  // tiktoken's format
  EXPECT_THAT(error_of(trainer(kUnigram)), HasSubstr("no pieces"));
  EXPECT_THAT(error_of(piece("a") + piece("")), HasSubstr("piece 1 is empty"));
  EXPECT_THAT(error_of(piece("\xFF")), HasSubstr("piece 0 is not valid UTF-8"));
  EXPECT_THAT(error_of(piece("a", std::numeric_limits<float>::quiet_NaN())), HasSubstr("finite"));
  EXPECT_THAT(error_of(piece("a", -std::numeric_limits<float>::infinity())), HasSubstr("finite"));
  error_of(bytes_field(0, "field number 0"));
  error_of(piece("a") + varint(5 << 3 | 3));                                        // a group
  error_of(piece("a") + varint(1 << 3 | 2) + varint(uint64_t{1} << 62) + "short");  // a length beyond the file
  error_of(piece("a") + std::string(11, '\xFF'));                                   // a number of more than 70 bits
  error_of(piece("a") + bytes_field(2, bytes_field(45, "\xC0")));
}

TEST_F(SentencePiece, EveryTruncationIsAModelOrAnError) {
  for (size_t length = 0; length < kSmall.size(); ++length) {
    try {
      read(kSmall.substr(0, length));
    } catch (const InvalidModelError& error) {
      EXPECT_THAT(error.what(), HasSubstr("spiece.model"));
    }
  }
}

TEST_F(SentencePiece, AnyChangedByteIsAModelOrAnError) {
  std::mt19937 random(1);
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = kSmall;
    for (int changes = 0; changes < 3; ++changes) bytes[random() % bytes.size()] = static_cast<char>(random());
    try {
      const SentencePieceModel model = read(bytes);
      for (const auto& read_piece : model.pieces) ASSERT_FALSE(read_piece.text.empty());
      piece_merges(model, piece_vocabulary(model));
    } catch (const InvalidModelError& error) {
      EXPECT_THAT(error.what(), HasSubstr("spiece.model"));
    }
  }
}

TEST_F(SentencePiece, MergesAreAllCutsInTwoPieces) {
  // As transformers' generate_merges: by the id of the whole, then the length of the left part.
  const SentencePieceModel model = read(piece("a") + piece("b") + piece("ab") + piece("aba") + piece("ba") +
                                        piece("\xC3\xA9") + piece("\xC3\xA9\x61") + piece("a"));
  EXPECT_THAT(piece_merges(model, piece_vocabulary(model)),
              ElementsAre(Pair("a", "b"), Pair("a", "ba"), Pair("ab", "a"), Pair("b", "a"), Pair("\xC3\xA9", "a")));
  EXPECT_EQ(piece_vocabulary(model).find("a"), 7);  // of equal pieces the last
}

TEST_F(SentencePiece, MergesOfVeryLongPiecesAreRefused) {
  const SentencePieceModel model = read(piece("a") + piece(std::string(513, 'a')));
  EXPECT_THAT(message_of<UnsupportedError>([&] { piece_merges(model, piece_vocabulary(model)); }), HasSubstr("513"));
}

}  // namespace
}  // namespace sbert::tokenizer
