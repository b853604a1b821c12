#include "nn/attention.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>

#include "support/floats.h"
#include "support/random.h"

// Attention by itself: packed texts against the definition in double, at lengths around the query block of 48.
namespace sbert::nn {
namespace {

struct Case {
  AttentionSpec spec;
  std::vector<size_t> lengths;
};

PackedBatch batch_of(const std::vector<size_t>& lengths) {
  PackedBatch batch;
  for (const size_t length : lengths) {
    const std::vector<int32_t> zeros(length, 0);
    batch.add_text(zeros, zeros);
  }
  return batch;
}

std::vector<float> run(const AttentionSpec& spec, const PackedBatch& batch, const std::vector<float>& qkv) {
  Workspace workspace;
  std::copy(qkv.begin(), qkv.end(), workspace.qkv.reserve(qkv.size()));
  attend(spec, batch, workspace);
  const size_t width = static_cast<size_t>(spec.num_heads * spec.head_size);
  return {workspace.context.data(), workspace.context.data() + batch.num_tokens() * width};
}

std::vector<double> define(const AttentionSpec& spec, const PackedBatch& batch, const std::vector<float>& qkv) {
  const auto head_size = static_cast<size_t>(spec.head_size);
  const size_t width = static_cast<size_t>(spec.num_heads) * head_size;
  auto at = [&](size_t token, size_t part, size_t j) { return double{qkv[token * 3 * width + part * width + j]}; };
  std::vector<double> context(batch.num_tokens() * width, 0.0);
  for (size_t text = 0; text < batch.num_texts(); ++text) {
    for (size_t t = batch.offsets[text]; t < batch.offsets[text + 1]; ++t) {
      for (size_t first = 0; first < width; first += head_size) {
        std::vector<double> scores;
        double max = -HUGE_VAL, sum = 0;
        for (size_t s = batch.offsets[text]; s < batch.offsets[text + 1]; ++s) {
          scores.push_back(0);
          for (size_t j = first; j < first + head_size; ++j) scores.back() += spec.scale * at(t, 0, j) * at(s, 1, j);
          max = std::max(max, scores.back());
        }
        for (double& score : scores) sum += score = std::exp(score - max);
        for (size_t s = 0; s < scores.size(); ++s) {
          for (size_t j = first; j < first + head_size; ++j) {
            context[t * width + j] += scores[s] / sum * at(batch.offsets[text] + s, 2, j);
          }
        }
      }
    }
  }
  return context;
}

TEST(AttentionTest, IsTheDefinition) {
  const std::vector<Case> cases = {
      {{.num_heads = 1, .head_size = 1, .scale = 1.0f}, {1, 2, 3}},
      {{.num_heads = 3, .head_size = 5, .scale = 0.5f}, {47, 48, 49, 1, 0, 7}},
      {{.num_heads = 2, .head_size = 32, .scale = 0.17f}, {95, 96, 97}},
      {{.num_heads = 2, .head_size = 64, .scale = 0.125f}, {0, 700, 0}},
      {{.num_heads = 1, .head_size = 17, .scale = 0.25f}, {144, 145, 15, 16, 17}},
  };
  for (const Case& c : cases) {
    const PackedBatch batch = batch_of(c.lengths);
    const size_t width = static_cast<size_t>(c.spec.num_heads * c.spec.head_size);
    const std::vector<float> qkv =
        test::random_floats(static_cast<uint32_t>(width), batch.num_tokens() * 3 * width, -2, 2);
    // A weighted mean of values up to 2: scores are off by head_size roundings of sums up to 4 head_size scale, and the
    // mean by as many roundings as there are tokens; both grow slower than that in the mean.
    const double score_error = 4.0 * static_cast<double>(c.spec.head_size) * c.spec.scale * test::kEpsilon *
                               std::sqrt(static_cast<double>(c.spec.head_size));
    const double longest = static_cast<double>(*std::max_element(c.lengths.begin(), c.lengths.end()));
    const double tolerance = 2 * 2 * (score_error + (std::sqrt(longest) + 4) * test::kEpsilon);
    EXPECT_TRUE(test::all_close(run(c.spec, batch, qkv), define(c.spec, batch, qkv), tolerance))
        << c.spec.num_heads << " heads of " << c.spec.head_size;
  }
}

TEST(AttentionTest, LargeScoresGiveTheValueOfTheBestKey) {
  // Scores of 0 and 1e6 and -1e6: exponentials of them would overflow without the maximum taken off.
  const AttentionSpec spec{.num_heads = 1, .head_size = 2, .scale = 1.0f};
  const std::vector<float> qkv = {1e3f,  0, 0,     0, 1, 2,  //
                                  1e3f,  0, 1e3f,  0, 3, 4,  //
                                  -1e3f, 0, -1e3f, 0, 5, 6};
  EXPECT_TRUE(test::same_bits(run(spec, batch_of({3}), qkv), std::vector<float>{3, 4, 3, 4, 5, 6}));
}

TEST(AttentionTest, NanStaysInItsText) {
  const AttentionSpec spec{.num_heads = 2, .head_size = 8, .scale = 0.3f};
  const PackedBatch batch = batch_of({5, 60, 3});
  std::vector<float> qkv = test::random_floats(1, batch.num_tokens() * 48);
  const std::vector<float> before = run(spec, batch, qkv);
  for (size_t i = 5 * 48; i < 65 * 48; ++i) qkv[i] = test::kNan;
  std::vector<float> want = before;
  std::fill(want.begin() + 5 * 16, want.begin() + 65 * 16, test::kNan);
  EXPECT_TRUE(test::same_bits(run(spec, batch, qkv), want));
}

}  // namespace
}  // namespace sbert::nn
