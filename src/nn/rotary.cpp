#include "nn/rotary.h"

#include <algorithm>
#include <cmath>

namespace sbert::nn {
namespace {

// Waves that turn less than low_freq_factor times within the original length are stretched by `factor`, those that
// turn more than high_freq_factor times are left, with a linear transition between: transformers'
// _compute_llama3_parameters.
float scale_llama3(const RopeScaling& scaling, float frequency) {
  const auto original = static_cast<double>(scaling.original_max_position_embeddings);
  const auto factor = static_cast<float>(scaling.factor);
  const float wavelength = static_cast<float>(2 * M_PI) / frequency;
  const bool is_low = wavelength > static_cast<float>(original / scaling.low_freq_factor);
  const bool is_high = wavelength < static_cast<float>(original / scaling.high_freq_factor);
  if (is_low) return frequency / factor;
  if (is_high) return frequency;
  const float smooth = (static_cast<float>(original) / wavelength - static_cast<float>(scaling.low_freq_factor)) /
                       static_cast<float>(scaling.high_freq_factor - scaling.low_freq_factor);
  return (1.0f - smooth) * frequency / factor + smooth * frequency;
}

// https://arxiv.org/abs/2309.00071, section 3.2; transformers' _compute_yarn_parameters. A ramp over the pairs, from
// `low` to `high`, blends frequencies that are left into frequencies that are divided by `factor`.
std::vector<float> scale_yarn(const RotarySpec& spec, const std::vector<float>& powers) {
  const RopeScaling& scaling = spec.scaling;
  const auto size = static_cast<double>(spec.size);
  auto pair_of_rotations = [&](double rotations) {
    const auto original = static_cast<double>(scaling.original_max_position_embeddings);
    return size * std::log(original / (rotations * 2 * M_PI)) / (2 * std::log(spec.theta));
  };
  double low = pair_of_rotations(scaling.beta_fast), high = pair_of_rotations(scaling.beta_slow);
  if (scaling.truncate) low = std::floor(low), high = std::ceil(high);
  low = std::max(low, 0.0);
  high = std::min(high, size - 1);
  if (low == high) high += 0.001;
  std::vector<float> frequencies;
  for (size_t i = 0; i < powers.size(); ++i) {
    const float ramp = (static_cast<float>(i) - static_cast<float>(low)) / static_cast<float>(high - low);
    const float kept = 1.0f - std::clamp(ramp, 0.0f, 1.0f);
    const float divided = 1.0f / (static_cast<float>(scaling.factor) * powers[i]);
    frequencies.push_back(divided * (1.0f - kept) + 1.0f / powers[i] * kept);
  }
  return frequencies;
}

// The table of `spec` for at least `positions` positions.
const RotaryTable& table_of(const RotarySpec& spec, size_t positions, std::vector<RotaryTable>& tables) {
  auto table = std::find_if(tables.begin(), tables.end(), [&](const RotaryTable& known) { return known.spec == spec; });
  if (table == tables.end())
    table = tables.insert(tables.end(), RotaryTable{.spec = spec, .positions = 0, .values = {}});
  if (table->positions >= positions) return *table;
  const size_t half = static_cast<size_t>(spec.size) / 2;
  const std::vector<float> frequencies = rotary_frequencies(spec);
  const size_t count = std::max(positions, 2 * table->positions);
  table->positions = 0;  // until all are there
  float* out = table->values.reserve(count * 2 * half);
  for (size_t position = 0; position < count; ++position, out += 2 * half) {
    for (size_t i = 0; i < half; ++i) {
      const float angle = static_cast<float>(position) * frequencies[i];
      out[i] = std::cos(angle);
      out[half + i] = std::sin(angle);
    }
  }
  table->positions = count;
  return *table;
}

void rotate_halves(float* x, const float* cosines, const float* sines, size_t half) {
  for (size_t i = 0; i < half; ++i) {
    const float a = x[i], b = x[half + i];
    x[i] = a * cosines[i] - b * sines[i];
    x[half + i] = b * cosines[i] + a * sines[i];
  }
}

void rotate_neighbours(float* x, const float* cosines, const float* sines, size_t half) {
  for (size_t i = 0; i < half; ++i) {
    const float a = x[2 * i], b = x[2 * i + 1];
    x[2 * i] = a * cosines[i] - b * sines[i];
    x[2 * i + 1] = b * cosines[i] + a * sines[i];
  }
}

}  // namespace

std::vector<float> rotary_frequencies(const RotarySpec& spec) {
  std::vector<float> powers, frequencies;
  for (int64_t i = 0; i < spec.size; i += 2) {
    powers.push_back(std::pow(static_cast<float>(spec.theta), static_cast<float>(i) / static_cast<float>(spec.size)));
    frequencies.push_back(1.0f / powers.back());
  }
  switch (spec.scaling.kind) {
    case RopeScaling::Kind::kNone:
      break;
    case RopeScaling::Kind::kLinear:
      for (float& frequency : frequencies) frequency /= static_cast<float>(spec.scaling.factor);
      break;
    case RopeScaling::Kind::kLlama3:
      for (float& frequency : frequencies) frequency = scale_llama3(spec.scaling, frequency);
      break;
    case RopeScaling::Kind::kYarn:
      return scale_yarn(spec, powers);
  }
  return frequencies;
}

void rotate(const RotarySpec& spec, const PackedBatch& batch, size_t heads, size_t head_size, float* x, size_t x_stride,
            Workspace& workspace) {
  size_t longest = 0;
  for (size_t text = 0; text < batch.num_texts(); ++text) longest = std::max(longest, batch.length(text));
  const RotaryTable& table = table_of(spec, longest, workspace.rotary);
  const size_t half = static_cast<size_t>(spec.size) / 2;
  for (size_t t = 0; t < batch.num_tokens(); ++t) {
    const float* cosines = table.values.data() + static_cast<size_t>(batch.positions[t]) * 2 * half;
    for (size_t head = 0; head < heads; ++head) {
      float* values = x + t * x_stride + head * head_size;
      if (spec.interleaved) {
        rotate_neighbours(values, cosines, cosines + half, half);
      } else {
        rotate_halves(values, cosines, cosines + half, half);
      }
    }
  }
}

}  // namespace sbert::nn
