#include <algorithm>
#include <gtest/gtest.h>

#include "nn/disentangled_attention.h"
#include "nn/position_bias.h"
#include "nn/rotary.h"
#include "nn/tensor_data.h"
#include "support/floats.h"

// Buckets, rows, slopes and frequencies against the numbers of transformers 5.23 (torch 2.13).
namespace sbert::nn {
namespace {

struct Segment {
  int64_t first, value;  // of distances from `first` to before the next run's
};

// `value_of` at every distance from -3000 to 3000 is that of its run.
template <typename Function>
void expect_runs(const std::vector<Segment>& runs, Function value_of, const std::string& name) {
  size_t run = 0;
  for (int64_t distance = -3000; distance <= 3000; ++distance) {
    while (run + 1 < runs.size() && distance >= runs[run + 1].first) ++run;
    ASSERT_EQ(value_of(distance), runs[run].value) << name << " at " << distance;
  }
}

// T5Attention._relative_position_bucket(torch.arange(-3000, 3001), True, num_buckets, max_distance); MPNet's is the
// same.
TEST(PositionFormulasTest, RelativeBucketsAreThoseOfT5) {
  struct Case {
    RelativeBucketsSpec spec;
    std::vector<Segment> runs;
  };
  const std::vector<Case> cases = {
      {{32, 128}, {{-3000, 15}, {-90, 14}, {-63, 13}, {-45, 12}, {-31, 11}, {-22, 10}, {-15, 9}, {-11, 8},
                   {-7, 7},     {-6, 6},   {-5, 5},   {-4, 4},   {-3, 3},   {-2, 2},   {-1, 1},  {0, 0},
                   {1, 17},     {2, 18},   {3, 19},   {4, 20},   {5, 21},   {6, 22},   {7, 23},  {8, 24},
                   {12, 25},    {16, 26},  {23, 27},  {32, 28},  {46, 29},  {64, 30},  {91, 31}}},
      {{4, 2}, {{-3000, 1}, {0, 0}, {1, 3}}},
      {{12, 60}, {{-3000, 5}, {-22, 4}, {-8, 3}, {-2, 2}, {-1, 1}, {0, 0}, {1, 7}, {2, 8}, {3, 9}, {9, 10}, {23, 11}}},
      {{33, 128}, {{-3000, 15}, {-90, 14}, {-63, 13}, {-45, 12}, {-31, 11}, {-22, 10}, {-15, 9}, {-11, 8},
                   {-7, 7},     {-6, 6},   {-5, 5},   {-4, 4},   {-3, 3},   {-2, 2},   {-1, 1},  {0, 0},
                   {1, 17},     {2, 18},   {3, 19},   {4, 20},   {5, 21},   {6, 22},   {7, 23},  {8, 24},
                   {12, 25},    {16, 26},  {23, 27},  {32, 28},  {46, 29},  {64, 30},  {91, 31}}},
  };
  for (const Case& c : cases) {
    expect_runs(
        c.runs, [&](int64_t distance) { return relative_bucket(c.spec, distance); },
        std::to_string(c.spec.num_buckets) + " buckets to " + std::to_string(c.spec.max_distance));
  }
}

TEST(PositionFormulasTest, PositionBiasIsTheTableAtItsBuckets) {
  for (const RelativeBucketsSpec& spec : {RelativeBucketsSpec{32, 128}, {4, 2}, {12, 60}, {33, 128}, {64, 1000}}) {
    constexpr size_t kHeads = 3, kLength = 1500;
    std::vector<float> values;
    for (int64_t i = 0; i < spec.num_buckets * static_cast<int64_t>(kHeads); ++i) {
      values.push_back(static_cast<float>(i));
    }
    test::TensorData data;
    const PositionBias bias(spec, data.add("bias", {spec.num_buckets, kHeads}, values), kHeads);
    for (const size_t length : {size_t{1}, size_t{2}, kLength}) {
      std::vector<float> got(2 * length - 1);
      bias.fill(2, length, got.data());
      for (size_t i = 0; i < got.size(); ++i) {
        const int64_t distance = static_cast<int64_t>(i) - static_cast<int64_t>(length) + 1;
        ASSERT_EQ(got[i], static_cast<float>(relative_bucket(spec, distance) * 3 + 2)) << "distance " << distance;
      }
    }
  }
}

// clamp(make_log_bucket_position(d, buckets, max).long() + buckets, 0, 2 buckets - 1) of modeling_deberta_v2
TEST(PositionFormulasTest, RelativePositionRowsAreThoseOfDeberta) {
  auto row_of = [](int64_t buckets, int64_t max) {
    DisentangledSpec spec;
    spec.position_buckets = buckets;
    spec.max_relative_positions = max;
    return [spec](int64_t distance) { return relative_position_row(spec, distance); };
  };
  expect_runs({{-3000, 0},
               {-63, 1},
               {-25, 2},
               {-10, 3},
               {-4, 4},
               {-3, 5},
               {-2, 6},
               {-1, 7},
               {0, 8},
               {1, 9},
               {2, 10},
               {3, 11},
               {4, 12},
               {5, 13},
               {11, 14},
               {26, 15}},
              row_of(8, 64), "8 buckets to 64");
  expect_runs({{-3000, 0},
               {-90, 1},
               {-29, 2},
               {-9, 3},
               {-3, 4},
               {-2, 5},
               {-1, 6},
               {0, 7},
               {1, 8},
               {2, 9},
               {3, 10},
               {4, 11},
               {10, 12},
               {30, 13}},
              row_of(7, 30), "7 buckets to 30");
  expect_runs({{-3000, 1}, {0, 2}, {1, 3}}, row_of(2, 10), "2 buckets to 10");
  // DeBERTa v3: the first distances of rows 385, 386, ... 511; below, a row for each distance.
  const std::vector<int64_t> firsts = {
      129, 130, 131, 133, 134, 136, 137, 139, 140, 142, 143, 145, 146, 148, 150, 151, 153, 155, 156, 158, 160, 161,
      163, 165, 167, 169, 170, 172, 174, 176, 178, 180, 182, 184, 186, 188, 190, 192, 194, 196, 198, 201, 203, 205,
      207, 210, 212, 214, 216, 219, 221, 224, 226, 229, 231, 234, 236, 239, 241, 244, 247, 249, 252, 255, 258, 260,
      263, 266, 269, 272, 275, 278, 281, 284, 287, 290, 294, 297, 300, 303, 307, 310, 313, 317, 320, 324, 327, 331,
      335, 338, 342, 346, 349, 353, 357, 361, 365, 369, 373, 377, 381, 385, 390, 394, 398, 403, 407, 411, 416, 420,
      425, 430, 434, 439, 444, 449, 454, 459, 464, 469, 474, 479, 484, 490, 495, 500, 506};
  std::vector<Segment> runs;
  for (size_t i = firsts.size(); i-- > 0;) {  // the same before the query; the last row of that side is one farther
    runs.push_back({1 - (i + 1 < firsts.size() ? firsts[i + 1] : 512), 127 - static_cast<int64_t>(i)});
  }
  runs.insert(runs.begin(), Segment{-3000, 0});
  for (int64_t d = -128; d <= 128; ++d) runs.push_back({d, 256 + d});
  for (size_t i = 0; i < firsts.size(); ++i) runs.push_back({firsts[i], 385 + static_cast<int64_t>(i)});
  expect_runs(runs, row_of(256, 512), "256 buckets to 512");
  // Without buckets: one row for each distance.
  for (const int64_t d : {-600, -512, -511, 0, 511, 512, 600}) {
    EXPECT_EQ(row_of(-1, 512)(d), std::clamp<int64_t>(d + 512, 0, 1023));
  }
}

// What the published code of jina-bert-v2 and transformers' Bloom (to a last bit) compute.
TEST(PositionFormulasTest, AlibiSlopesOfAnyNumberOfHeads) {
  EXPECT_EQ(alibi_slopes(1), (std::vector{0.00390625f}));
  EXPECT_EQ(alibi_slopes(8), (std::vector{0.5f, 0.25f, 0.125f, 0.0625f, 0.03125f, 0.015625f, 0.0078125f, 0.00390625f}));
  EXPECT_EQ(alibi_slopes(12), (std::vector{0.5f, 0.25f, 0.125f, 0.0625f, 0.03125f, 0.015625f, 0.0078125f, 0.00390625f,
                                           0.70710678f, 0.35355339f, 0.176776695f, 0.0883883476f}));
  EXPECT_EQ(alibi_slopes(6), (std::vector{0.25f, 0.0625f, 0.015625f, 0.00390625f, 0.5f, 0.125f}));
  std::vector<float> got(5);
  PositionBias::alibi(8).fill(1, 3, got.data());
  EXPECT_EQ(got, (std::vector{-0.5f, -0.25f, 0.0f, -0.25f, -0.5f}));
}

// LlamaRotaryEmbedding(config).inv_freq. torch's power is a last bit off the right one now and then.
TEST(PositionFormulasTest, RotaryFrequenciesAreThoseOfTransformers) {
  using Kind = RopeScaling::Kind;
  struct Case {
    int64_t size;
    double theta;
    RopeScaling scaling;
    std::vector<double> want;
  };
  const RopeScaling linear{.kind = Kind::kLinear, .factor = 2.5};
  const RopeScaling llama3{.kind = Kind::kLlama3, .factor = 8, .original_max_position_embeddings = 8192};
  const RopeScaling yarn{.kind = Kind::kYarn, .factor = 4, .original_max_position_embeddings = 2048};
  const RopeScaling untruncated_yarn{.kind = Kind::kYarn,
                                     .factor = 4,
                                     .beta_fast = 16,
                                     .beta_slow = 2,
                                     .truncate = false,
                                     .original_max_position_embeddings = 2048};
  const std::vector<Case> cases = {
      {8, 10000, {}, {1, 0.1, 0.01, 1e-3}},
      {12, 160000, {}, {1, 1.3572088e-01, 1.8420154e-02, 2.5e-03, 3.3930212e-04, 4.6050405e-05}},
      {8, 10000, linear, {0.4, 0.04, 3.9999997e-03, 4.0000002e-04}},
      {32,
       500000,
       llama3,
       {1, 4.4036663e-01, 1.9392276e-01, 8.53971e-02, 3.760603e-02, 1.656044e-02, 7.292665e-03, 3.211446e-03,
        5.24846e-04, 7.7846555e-05, 3.4281024e-05, 1.5096218e-05, 6.6478697e-06, 2.9274997e-06, 1.2891732e-06,
        5.677088e-07}},
      {32,
       10000,
       yarn,
       {1, 5.6234133e-01, 3.1622776e-01, 1.7782794e-01, 1e-01, 5.020904e-02, 2.484647e-02, 1.2066896e-02, 5.7142857e-03,
        2.6108704e-03, 1.129385e-03, 4.4456986e-04, 2.5e-04, 1.4058533e-04, 7.905695e-05, 4.4456985e-05}},
      {32,
       10000,
       untruncated_yarn,
       {1, 5.6234133e-01, 3.1622776e-01, 1.7782794e-01, 1e-01, 5.623413e-02, 2.6607499e-02, 1.12704225e-02,
        4.261619e-03, 1.4058533e-03, 7.9056947e-04, 4.4456986e-04, 2.5e-04, 1.4058533e-04, 7.905695e-05,
        4.4456985e-05}},
  };
  for (const Case& c : cases) {
    const std::vector<float> got =
        rotary_frequencies({.size = c.size, .theta = c.theta, .interleaved = false, .scaling = c.scaling});
    std::vector<double> tolerance;
    for (const double value : c.want) tolerance.push_back(1.5 * test::kEpsilon * value);
    EXPECT_TRUE(test::all_close(got, c.want, tolerance)) << "size " << c.size << ", theta " << c.theta;
  }
}

TEST(PositionFormulasTest, RotaryTablesGrowWithTheTexts) {
  const RotarySpec spec{.size = 4, .theta = 100, .interleaved = false, .scaling = {}};
  Workspace kept;
  for (const size_t length : {3, 1, 10, 9, 200}) {
    PackedBatch batch;
    const std::vector<int32_t> zeros(length, 0);
    batch.add_text(zeros, zeros);
    std::vector<float> x(length * 4, 1.0f), fresh = x;
    rotate(spec, batch, 1, 4, x.data(), 4, kept);
    Workspace own;
    rotate(spec, batch, 1, 4, fresh.data(), 4, own);
    EXPECT_TRUE(test::same_bits(x, fresh)) << length;
    EXPECT_EQ(x[0], 1.0f);  // nothing turns at position 0
  }
  EXPECT_EQ(kept.rotary.size(), 1u);
}

}  // namespace
}  // namespace sbert::nn
