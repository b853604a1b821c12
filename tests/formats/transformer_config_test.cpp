#include "formats/transformer_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>
#include <optional>

#include <sbert/logging.h>

#include "formats/crafted.h"

namespace sbert::formats {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::SizeIs;

TransformerConfig parse(std::string_view text) {
  return parse_transformer_config(text, "'t'");
}

template <typename E = InvalidModelError>
std::string refusal(std::string_view text) {
  const std::string message = message_of<E>([&] { parse(text); });
  EXPECT_THAT(message, HasSubstr("'t'")) << text;
  return message;
}

TEST(TransformerConfig, DefaultsAreThoseOfAnEmptyFile) {
  const TempFolder folder;
  for (const TransformerConfig& config : {parse("{}"), read_transformer_config(folder.path())}) {
    EXPECT_EQ(config.file, "");
    EXPECT_FALSE(config.max_seq_length);
    EXPECT_FALSE(config.do_lower_case);
    EXPECT_EQ(config.transformer_task, "feature-extraction");
    EXPECT_EQ(config.module_output_name, "token_embeddings");
    ASSERT_NE(config.text(), nullptr);
    EXPECT_EQ(config.text()->method, "forward");
    EXPECT_EQ(config.text()->method_output_name, "last_hidden_state");
    EXPECT_EQ(config.message(), nullptr);
    EXPECT_EQ(config.text_processing.truncation, "longest_first");
    EXPECT_TRUE(config.text_processing.add_special_tokens);
    EXPECT_FALSE(config.text_processing.max_length || config.query_length || config.document_length);
    EXPECT_FALSE(config.query_expansion || config.unpad_inputs || config.chat_template_kwargs);
    EXPECT_FALSE(config.model_kwargs || config.processor_kwargs || config.config_kwargs);
  }
}

TEST(TransformerConfig, ReadsFormatV2) {
  const TransformerConfig config = parse(R"({"max_seq_length": 256, "do_lower_case": true})");
  EXPECT_EQ(config.max_seq_length, 256);
  EXPECT_TRUE(config.do_lower_case);
  EXPECT_FALSE(parse(R"({"max_seq_length": null, "do_lower_case": null})").max_seq_length);
}

TEST(TransformerConfig, ReadsFormatV6) {
  const TransformerConfig config = parse(R"({
    "transformer_task": "feature-extraction",
    "modality_config": {
      "text": {"method": "get_text_features", "method_output_name": "pooler_output"},
      "image+text": {"method": "forward", "method_output_name": null},
      "message": {"method": "forward", "method_output_name": "last_hidden_state", "format": "flat"}},
    "module_output_name": "sentence_embedding",
    "processing_kwargs": {"common": {"max_length": 10, "padding": true},
                          "text": {"max_length": 20, "truncation": false},
                          "chat_template": {"add_generation_prompt": true}},
    "unpad_inputs": false, "query_length": 32, "document_length": 300})");
  EXPECT_THAT(config.modalities, SizeIs(3));
  EXPECT_EQ(config.text()->method, "get_text_features");
  EXPECT_EQ(config.text()->method_output_name, "pooler_output");
  EXPECT_EQ(config.text()->format, "");
  EXPECT_EQ(config.message()->format, "flat");
  EXPECT_EQ(config.modalities.at("image+text").method_output_name, std::nullopt);
  EXPECT_EQ(config.module_output_name, "sentence_embedding");
  EXPECT_EQ(config.text_processing.max_length, 20);
  EXPECT_EQ(config.text_processing.truncation, "do_not_truncate");
  EXPECT_TRUE(config.chat_template_kwargs->boolean_if("add_generation_prompt").value());
  EXPECT_EQ(config.unpad_inputs, false);
  EXPECT_EQ(config.query_length, 32);
  EXPECT_EQ(config.document_length, 300);
}

TEST(TransformerConfig, KnowsTheDefaultsOfEveryTask) {
  const auto check = [](const char* task, const char* output, const char* module_output) {
    const TransformerConfig config = parse(std::string(R"({"transformer_task":")") + task + "\"}");
    EXPECT_EQ(config.transformer_task, task);
    EXPECT_EQ(config.text()->method_output_name, output) << task;
    EXPECT_EQ(config.module_output_name, module_output) << task;
    EXPECT_EQ(config.modalities.contains("image"), std::string_view(task) == "retrieval");
  };
  check("feature-extraction", "last_hidden_state", "token_embeddings");
  check("sequence-classification", "logits", "scores");
  check("text-generation", "logits", "causal_logits");
  check("any-to-any", "logits", "causal_logits");
  check("fill-mask", "logits", "token_embeddings");
  check("retrieval", "embeddings", "token_embeddings");
  EXPECT_THAT(refusal(R"({"transformer_task": "embedding"})"),
              AllOf(HasSubstr("'embedding'"), HasSubstr("'fill-mask'")));
  // Without modality_config the reference takes both from the task.
  EXPECT_EQ(parse(R"({"module_output_name": "scores"})").module_output_name, "token_embeddings");
}

TEST(TransformerConfig, LeavesOutUnknownModalitiesAndSaysSo) {
  std::vector<std::string> warnings;
  set_log_callback([&](LogLevel, std::string_view message) { warnings.emplace_back(message); });
  const TransformerConfig config = parse(R"({"module_output_name": "token_embeddings", "modality_config": {
      "smell": 1, "text+smell": {}, "text+": {}, "audio": {"method": "forward", "method_output_name": "x"}},
      "processing_kwargs": {"smell": {}}})");
  set_log_callback({});
  EXPECT_THAT(config.modalities, SizeIs(1));
  EXPECT_EQ(config.text(), nullptr);
  EXPECT_THAT(warnings, SizeIs(4));
}

TEST(TransformerConfig, RefusesContradictionsAndWrongTypes) {
  const char* text = R"("text": {"method": "forward", "method_output_name": "x"})";
  EXPECT_THAT(refusal(std::string(R"({"modality_config": {)") + text + "}}"),
              AllOf(HasSubstr("'module_output_name' is missing"), HasSubstr("modality_config")));
  const auto with_entry = [](const char* entry_text) {
    return refusal(std::string(R"({"module_output_name":"x","modality_config":{"text":)") + entry_text + "}}");
  };
  EXPECT_THAT(with_entry("1"), HasSubstr("field 'text'"));
  EXPECT_THAT(with_entry("{}"), HasSubstr("'method' is missing"));
  EXPECT_THAT(with_entry(R"({"method":"forward"})"), HasSubstr("'method_output_name' is missing"));
  EXPECT_THAT(with_entry(R"({"method":1,"method_output_name":"x"})"), HasSubstr("'method' must be a string"));
  EXPECT_THAT(refusal(R"({"module_output_name":"x","modality_config":{
                          "message":{"method":"f","method_output_name":"x","format":"loud"}}})"),
              HasSubstr("'loud'"));
  EXPECT_THAT(refusal(R"({"modality_config": []})"), HasSubstr("'modality_config'"));
  EXPECT_THAT(refusal(R"({"do_lower_case": 1})"), HasSubstr("'do_lower_case'"));
  EXPECT_THAT(refusal(R"({"unpad_inputs": "no"})"), HasSubstr("'unpad_inputs'"));
  EXPECT_THAT(refusal(R"({"processing_kwargs": []})"), HasSubstr("'processing_kwargs'"));
  EXPECT_THAT(refusal(R"({"processing_kwargs": {"text": {"truncation": "first"}}})"), HasSubstr("'first'"));
  EXPECT_THAT(refusal(R"({"processing_kwargs": {"text": {"truncation": 1}}})"), HasSubstr("'truncation'"));
  EXPECT_THAT(refusal(R"({"processing_kwargs": {"common": {"max_length": 0}}})"), HasSubstr("'max_length' is 0"));
  EXPECT_THAT(refusal("[]"), HasSubstr("JSON object"));
  EXPECT_THAT(refusal(R"({"max_seq_length": 1, "max_seq_length": 2})"), HasSubstr("twice"));
}

TEST(TransformerConfig, RefusesWhatItDoesNotKnow) {
  EXPECT_THAT(refusal<UnsupportedError>(R"({"max_seq_len": 128})"), HasSubstr("unknown field 'max_seq_len'"));
  EXPECT_THAT(refusal<UnsupportedError>(R"({"tokenizer_name_or_path": "bert-base-uncased"})"), HasSubstr("tokenizer"));
  EXPECT_EQ(parse(R"({"tokenizer_name_or_path": null, "backend": "onnx", "cache_dir": null})").file, "");
  EXPECT_THAT(refusal<UnsupportedError>(R"({"processing_kwargs": {"text": {"stride": 3}}})"),
              AllOf(HasSubstr("field 'text'"), HasSubstr("'stride'")));
}

TEST(TransformerConfig, J2ChecksLengths) {
  for (const char* key : {"max_seq_length", "query_length", "document_length"}) {
    const auto with = [key](const char* value) { return std::string("{\"") + key + "\":" + value + "}"; };
    for (const char* value : {"0", "-1", "-0", "0.5", "128.0", "\"128\"", "true", "[128]", "1e400", "-1e30"}) {
      EXPECT_THAT(refusal(with(value)), ::testing::Not("")) << key << value;
    }
  }
  constexpr int64_t kNoLimit = std::numeric_limits<int64_t>::max();
  // int(1e30), which transformers writes for "no limit"
  EXPECT_EQ(parse(R"({"max_seq_length": 1000000000000000019884624838656})").max_seq_length, kNoLimit);
  EXPECT_EQ(parse(R"({"max_seq_length": 1e30})").max_seq_length, kNoLimit);
  EXPECT_EQ(parse(R"({"max_seq_length": 18446744073709551615})").max_seq_length, kNoLimit);
  EXPECT_EQ(parse(R"({"max_seq_length": 9223372036854775807})").max_seq_length, kNoLimit);
}

TEST(TransformerConfig, ReadsArgumentsUnderOldAndNewNames) {
  const TransformerConfig config = parse(R"({"max_seq_length": 512,
      "model_args": {"torch_dtype": "float16", "trust_remote_code": true}, "tokenizer_args": {"model_max_length": 77},
      "config_kwargs": {"num_labels": 3}})");
  EXPECT_EQ(config.max_seq_length, 77);  // the tokenizer's own argument wins
  EXPECT_EQ(config.model_kwargs->string("torch_dtype"), "float16");
  EXPECT_EQ(config.config_kwargs->integer("num_labels", 1, 9), 3);
  EXPECT_EQ(parse(R"({"processor_kwargs": {"model_max_length": 5}, "tokenizer_args": {"model_max_length": 6}})")
                .max_seq_length,
            6);
  EXPECT_EQ(parse(R"({"max_seq_length": 512, "processor_kwargs": {"use_fast": true}})").max_seq_length, 512);
  EXPECT_THAT(refusal(R"({"processor_kwargs": {"model_max_length": -1}})"), HasSubstr("'model_max_length'"));
  EXPECT_THAT(refusal(R"({"model_kwargs": 1})"), HasSubstr("'model_kwargs'"));
}

TEST(TransformerConfig, ReadsQueryExpansion) {
  const auto expansion = parse(
                             R"({"query_length": 40, "query_expansion": {"strategy": "fixed",
          "attend": true, "token": "[X]", "length": 32}})")
                             .query_expansion.value();
  EXPECT_EQ(expansion.strategy, "fixed");
  EXPECT_TRUE(expansion.attend);
  EXPECT_EQ(expansion.token, "[X]");
  EXPECT_EQ(expansion.length, 32);
  const auto least =
      parse(R"({"query_expansion": {"strategy": "min", "token": null, "length": 1}})").query_expansion.value();
  EXPECT_FALSE(least.attend || least.token);
  EXPECT_THAT(refusal(R"({"query_length": 31, "query_expansion": {"strategy": "min", "length": 32}})"),
              AllOf(HasSubstr("'query_length' is 31"), HasSubstr("32")));
  EXPECT_THAT(refusal(R"({"query_expansion": {"strategy": "max", "length": 32}})"), HasSubstr("'max'"));
  EXPECT_THAT(refusal(R"({"query_expansion": {"strategy": "min"}})"), HasSubstr("'length' is missing"));
  EXPECT_THAT(refusal(R"({"query_expansion": {"strategy": "min", "length": 0}})"), HasSubstr("'length' is 0"));
  EXPECT_THAT(refusal(R"({"query_expansion": {"strategy": "min", "length": 1, "width": 1}})"), HasSubstr("'width'"));
  EXPECT_THAT(refusal(R"({"query_expansion": {"strategy": "min", "length": 1, "attend": 1}})"), HasSubstr("'attend'"));
}

TEST(TransformerConfig, ReadsLegacyFileNamesInOrder) {
  const TempFolder folder;
  const char* const names[] = {"sentence_xlnet_config.json",      "sentence_xlm-roberta_config.json",
                               "sentence_albert_config.json",     "sentence_camembert_config.json",
                               "sentence_distilbert_config.json", "sentence_roberta_config.json",
                               "sentence_bert_config.json"};
  int64_t length = 0;
  for (const char* name : names) {  // each goes before those written so far
    folder.write(name, R"({"max_seq_length":)" + std::to_string(++length) + "}");
    const TransformerConfig config = read_transformer_config(folder.path());
    EXPECT_EQ(config.max_seq_length, length);
    EXPECT_EQ(config.file, name);
  }
  folder.write("sentence_bert_config.json", "{}");  // the reference passes over an empty one
  EXPECT_EQ(read_transformer_config(folder.path()).file, "sentence_roberta_config.json");
  folder.write("sentence_bert_config.json", "{");
  EXPECT_THAT(message_of<InvalidModelError>([&] { read_transformer_config(folder.path()); }),
              HasSubstr((folder.path() / "sentence_bert_config.json").string()));
}

}  // namespace
}  // namespace sbert::formats
