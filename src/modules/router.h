#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "modules/module.h"

namespace sbert::modules {

/// Several lists of modules, of which the task of a call picks one: a model of its own for queries and for documents
/// (features 2-61). At the head of a model each route begins with a module that reads text; later in the list it is the
/// old Asym over vectors that are there. Inputs are always of the modality "text".
/// `sentence_transformers.base.modules.Router`.
class Router : public InputModule {
 public:
  static std::unique_ptr<Router> load(const ModuleSource& source);

  void forward(Features& features, nn::Workspace& workspace) const override;
  /// Of the first route, as the reference.
  std::optional<size_t> embedding_dimension() const override;
  size_t num_parameters() const override;
  bool reads_all_layer_embeddings() const override;
  std::string description() const override;
  std::vector<std::filesystem::path> weight_files() const override;
  void save(const std::filesystem::path& source, const std::filesystem::path& folder) const override;

  void tokenize(std::string_view first, std::optional<std::string_view> second, Task task,
                tokenizer::Encoding& out) const override;
  size_t prompt_length(std::string_view prompt, Task task) const override;
  /// The largest of the routes.
  std::optional<size_t> max_seq_length() const override;
  /// Of all routes.
  void set_max_seq_length(size_t tokens) override;
  std::string_view modality() const override { return "text"; }
  void request_all_layer_embeddings() override;
  std::string_view id_to_token(int32_t id, Task task) const override;
  std::string tokenizer_description() const override;
  std::string architecture() const override;
  std::vector<std::string> notes() const override;

 private:
  /// Where a module of a route was loaded from.
  struct Origin {
    std::string folder;  // inside the Router's own
    std::string type;    // class path
  };
  struct Route {
    std::string name;
    std::vector<std::shared_ptr<Module>> modules;  // at least one
    std::vector<Origin> origins;                   // of the modules
    std::optional<size_t> embedding_dimension() const;
  };
  /// An entry of route_mappings for texts: absent is any task, or any modality.
  struct Mapping {
    std::optional<std::string> task, modality;
    size_t route = 0;
  };

  void read_structure(const ModuleSource& source, const common::JsonObject& config);
  void read_parameters(const common::JsonObject& parameters);
  std::optional<size_t> find_route(std::string_view name) const;
  const Mapping* find_mapping(std::optional<std::string_view> task, std::optional<std::string_view> modality) const;
  /// Throws InvalidArgumentError listing the routes where the task has none.
  const Route& resolve(Task task, std::string_view modality) const;
  std::string list_routes() const;
  std::string list_inputs(const std::function<std::string(const InputModule&)>& describe) const;
  /// The first module of the route; only at the head of a model.
  InputModule& input_of(const Route& route) const;

  std::vector<Route> routes_;  // in the order of the file
  std::vector<Mapping> mappings_;
  std::optional<size_t> default_route_;
  bool at_head_ = true;
  std::string source_;  // router_config.json, for messages
};

}  // namespace sbert::modules
