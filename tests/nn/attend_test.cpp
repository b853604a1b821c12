#include "nn/attend.h"

#include <algorithm>
#include <cmath>
#include <gtest/gtest.h>
#include <optional>

#include "support/floats.h"
#include "support/random.h"

// Attention by itself: packed texts against the definition in double, at lengths around the query block of 48.
namespace sbert::nn {
namespace {

AttentionSpec spec_of(int64_t heads, int64_t groups, int64_t head_size, float scale,
                      std::optional<int64_t> before = std::nullopt, std::optional<int64_t> after = std::nullopt) {
  AttentionSpec spec;
  spec.num_heads = heads;
  spec.num_key_value_heads = groups;
  spec.head_size = head_size;
  spec.scale = scale;
  spec.tokens_before = before;
  spec.tokens_after = after;
  return spec;
}

// Floats of one token in qkv.
size_t stride_of(const AttentionSpec& spec) {
  return static_cast<size_t>((spec.num_heads + 2 * spec.num_key_value_heads) * spec.head_size);
}

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
  attend(spec, {}, batch, workspace);
  const size_t width = static_cast<size_t>(spec.num_heads * spec.head_size);
  return {workspace.context.data(), workspace.context.data() + batch.num_tokens() * width};
}

std::vector<double> define(const AttentionSpec& spec, const PackedBatch& batch, const std::vector<float>& qkv) {
  const auto head_size = static_cast<size_t>(spec.head_size);
  const auto heads = static_cast<size_t>(spec.num_heads), groups = static_cast<size_t>(spec.num_key_value_heads);
  const size_t width = heads * head_size;
  auto at = [&](size_t token, size_t head, size_t j) {  // heads of queries, then keys, then values
    return double{qkv[token * stride_of(spec) + head * head_size + j]};
  };
  std::vector<double> context(batch.num_tokens() * width, 0.0);
  for (size_t text = 0; text < batch.num_texts(); ++text) {
    const auto begin = static_cast<int64_t>(batch.offsets[text]), end = static_cast<int64_t>(batch.offsets[text + 1]);
    for (int64_t t = begin; t < end; ++t) {
      const int64_t first = std::max(begin, t - std::min(t, spec.tokens_before.value_or(t)));
      const int64_t last = std::min(end - 1, t + std::min(end, spec.tokens_after.value_or(end)));
      for (size_t head = 0; head < heads; ++head) {
        const size_t group = head * groups / heads;
        std::vector<double> scores;
        double max = -HUGE_VAL, sum = 0;
        for (int64_t s = first; s <= last; ++s) {
          scores.push_back(0);
          for (size_t j = 0; j < head_size; ++j) {
            scores.back() +=
                spec.scale * at(static_cast<size_t>(t), head, j) * at(static_cast<size_t>(s), heads + group, j);
          }
          max = std::max(max, scores.back());
        }
        for (double& score : scores) sum += score = std::exp(score - max);
        for (size_t s = 0; s < scores.size(); ++s) {
          for (size_t j = 0; j < head_size; ++j) {
            context[static_cast<size_t>(t) * width + head * head_size + j] +=
                scores[s] / sum * at(static_cast<size_t>(first) + s, heads + groups + group, j);
          }
        }
      }
    }
  }
  return context;
}

TEST(AttentionTest, IsTheDefinition) {
  const std::vector<Case> cases = {
      {spec_of(1, 1, 1, 1.0f), {1, 2, 3}},
      {spec_of(3, 3, 5, 0.5f), {47, 48, 49, 1, 0, 7}},
      {spec_of(2, 2, 32, 0.17f), {95, 96, 97}},
      {spec_of(2, 2, 64, 0.125f), {0, 700, 0}},
      {spec_of(1, 1, 17, 0.25f), {144, 145, 15, 16, 17}},
      // key-value heads that serve several query heads
      {spec_of(6, 2, 8, 0.3f), {50, 3, 0, 97}},
      {spec_of(4, 1, 5, 0.3f), {1, 49}},
      // causal, windows of one or two sides, windows of one token, windows wider than the text
      {spec_of(2, 2, 8, 0.3f, std::nullopt, 0), {1, 47, 48, 49, 150}},
      {spec_of(2, 1, 8, 0.3f, 64, 64), {1, 130, 300}},
      {spec_of(1, 1, 8, 0.3f, 20, 0), {300, 21, 20}},
      {spec_of(1, 1, 8, 0.3f, 0, 5), {300, 6, 5}},
      {spec_of(1, 1, 8, 0.3f, 0, 0), {100}},
      {spec_of(1, 1, 8, 0.3f, 99, 99), {100, 101}},
      {spec_of(1, 1, 8, 0.3f, INT64_MAX, INT64_MAX), {100}},
  };
  for (const Case& c : cases) {
    const PackedBatch batch = batch_of(c.lengths);
    const std::vector<float> qkv = test::random_floats(7, batch.num_tokens() * stride_of(c.spec), -2, 2);
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
  const AttentionSpec spec = spec_of(1, 1, 2, 1.0f);
  const std::vector<float> qkv = {1e3f,  0, 0,     0, 1, 2,  //
                                  1e3f,  0, 1e3f,  0, 3, 4,  //
                                  -1e3f, 0, -1e3f, 0, 5, 6};
  EXPECT_TRUE(test::same_bits(run(spec, batch_of({3}), qkv), std::vector<float>{3, 4, 3, 4, 5, 6}));
}

TEST(AttentionTest, NanStaysInItsText) {
  const AttentionSpec spec = spec_of(2, 2, 8, 0.3f);
  const PackedBatch batch = batch_of({5, 60, 3});
  std::vector<float> qkv = test::random_floats(1, batch.num_tokens() * 48);
  const std::vector<float> before = run(spec, batch, qkv);
  for (size_t i = 5 * 48; i < 65 * 48; ++i) qkv[i] = test::kNan;
  std::vector<float> want = before;
  std::fill(want.begin() + 5 * 16, want.begin() + 65 * 16, test::kNan);
  EXPECT_TRUE(test::same_bits(run(spec, batch, qkv), want));
}

// Scores are held for one block of queries and the keys in their range, whatever the length of the text.
TEST(AttentionTest, MemoryOfScoresIsBounded) {
  constexpr size_t kLength = 20000, kQueries = 48, kPanel = 48;
  for (const int64_t reach : {0, 64}) {
    const AttentionSpec spec = spec_of(1, 1, 4, 0.5f, reach, reach);
    const PackedBatch batch = batch_of({kLength});
    Workspace workspace;
    const std::vector<float> qkv = test::random_floats(1, kLength * stride_of(spec));
    std::copy(qkv.begin(), qkv.end(), workspace.qkv.reserve(qkv.size()));
    attend(spec, {}, batch, workspace);
    EXPECT_LE(workspace.scores.capacity(), kQueries * (kQueries + 2 * static_cast<size_t>(reach) + kPanel));
  }
  const AttentionSpec whole = spec_of(1, 1, 4, 0.5f);
  Workspace workspace;
  const std::vector<float> qkv = test::random_floats(1, 3000 * stride_of(whole));
  std::copy(qkv.begin(), qkv.end(), workspace.qkv.reserve(qkv.size()));
  attend(whole, {}, batch_of({3000}), workspace);
  EXPECT_LE(workspace.scores.capacity(), kQueries * 3000);
}

}  // namespace
}  // namespace sbert::nn
