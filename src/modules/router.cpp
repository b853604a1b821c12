#include "modules/router.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include <sbert/error.h>

#include "common/json.h"
#include "common/log.h"
#include "common/mapped_file.h"
#include "common/text.h"
#include "formats/config_writer.h"
#include "formats/safe_path.h"
#include "modules/describe.h"
#include "modules/route_mapping.h"

namespace sbert::modules {
namespace {

// A Router inside a Router is possible; a folder that contains itself by links must end somewhere.
constexpr size_t kMaxDepth = 2;
constexpr size_t kMaxModules = 256;
constexpr size_t kMaxConfigBytes = size_t{64} << 20;

constexpr const char* kFileName = "router_config.json";
constexpr const char* kLegacyFileName = "config.json";  // of Asym, before version 5

common::JsonObject read_config(const std::filesystem::path& folder, std::filesystem::path& path) {
  path = folder / kFileName;
  if (std::filesystem::exists(path)) {
    auto config = common::JsonObject::read_file(path);
    if (!config.keys().empty()) return config;
  }
  path = folder / (std::filesystem::exists(folder / kLegacyFileName) ? kLegacyFileName : kFileName);
  return common::JsonObject::read_file(path);
}

// The order of the routes counts, and JsonObject forgets it.
std::vector<std::string> keys_in_order(const std::filesystem::path& path, const char* field) {
  const auto json = nlohmann::ordered_json::parse(common::read_small_file(path, kMaxConfigBytes));
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.at(field).items()) keys.push_back(key);
  return keys;
}

std::string python_string(std::string_view text) {
  return "'" + std::string(text) + "'";
}

}  // namespace

std::optional<size_t> Router::Route::embedding_dimension() const {
  for (auto module = modules.rbegin(); module != modules.rend(); ++module) {
    if (const auto dimension = (*module)->embedding_dimension()) return dimension;
  }
  return std::nullopt;
}

std::unique_ptr<Router> Router::load(const ModuleSource& source) {
  std::filesystem::path path;
  const auto config = read_config(source.folder, path);
  if (source.router_depth >= kMaxDepth) {
    throw UnsupportedError(config.source() + ": a Router inside " + std::to_string(kMaxDepth) +
                           " others is not supported");
  }
  auto router = std::make_unique<Router>();
  router->source_ = config.source();
  router->at_head_ = source.place == ModuleSource::Place::kHead;
  for (std::string& name : keys_in_order(path, "structure")) router->routes_.push_back({std::move(name), {}, {}});
  router->read_structure(source, config);
  if (const auto parameters = config.object_if("parameters")) {
    router->read_parameters(*parameters);
  } else {
    router->default_route_ = 0;
  }
  return router;
}

void Router::read_structure(const ModuleSource& source, const common::JsonObject& config) {
  const auto structure = config.object("structure"), types = config.object("types");
  if (routes_.empty()) config.fail("structure", "has no routes");
  if (types.keys().size() > kMaxModules) {
    config.fail("types", "has more than " + std::to_string(kMaxModules) + " modules");
  }
  std::set<std::string> heads, used;
  for (const Route& route : routes_) {
    const std::vector<std::string> ids = structure.strings(route.name);
    if (ids.empty()) structure.fail(route.name, "has no modules");
    heads.insert(ids.front());
    used.insert(ids.begin(), ids.end());
  }
  std::map<std::string, std::shared_ptr<Module>> loaded;
  for (const std::string& id : types.keys()) {
    if (!used.contains(id)) continue;
    const std::string named_by = types.source() + " key " + common::quote(id);
    const auto folder = formats::safe_join(source.folder, id, named_by);
    if (folder.lexically_normal() == source.folder.lexically_normal() || id.ends_with('.')) {
      throw InvalidModelError(named_by + " names no folder inside the Router's own");
    }
    const bool at_head = at_head_ && heads.contains(id);
    loaded[id] = load_module(types.string(id),
                             {.folder = folder,
                              .access = source.access,
                              .place = at_head ? ModuleSource::Place::kHead : ModuleSource::Place::kLater,
                              .router_depth = source.router_depth + 1},
                             types.source());
  }
  for (Route& route : routes_) {
    for (const std::string& id : structure.strings(route.name)) {
      const auto found = loaded.find(id);
      if (found == loaded.end()) structure.fail(route.name, "names " + common::quote(id) + ", which 'types' lacks");
      if (at_head_ && !route.modules.empty() && heads.contains(id)) {
        structure.fail(route.name, "has " + common::quote(id) + " behind another module; it reads text");
      }
      route.modules.push_back(found->second);
      route.origins.push_back({.folder = id, .type = types.string(id)});
    }
  }
}

void Router::read_parameters(const common::JsonObject& parameters) {
  auto require_route = [&](const char* key, const std::string& name) {
    const auto route = find_route(name);
    if (!route) parameters.fail(key, "names the route " + common::quote(name) + "; there are " + list_routes());
    return *route;
  };
  if (const auto name = parameters.string_if("default_route")) {
    default_route_ = require_route("default_route", *name);
  } else if (parameters.boolean_if("allow_empty_key").value_or(true)) {
    default_route_ = 0;
  }
  const auto mappings = parameters.object_if("route_mappings");
  if (!mappings) return;
  for (const std::string& text : mappings->keys()) {
    const size_t route = require_route("route_mappings", mappings->string(text));
    const auto key = parse_route_key(text);
    if (!key) {
      common::log(LogLevel::kWarning, mappings->source() + ": ignoring the key " + common::quote(text) +
                                          ", which is no pair of task and modality");
    } else if (!key->several_modalities) {  // a text is of one
      mappings_.push_back({.task = key->task, .modality = key->modality, .route = route});
    }
  }
}

std::optional<size_t> Router::find_route(std::string_view name) const {
  for (size_t i = 0; i < routes_.size(); ++i) {
    if (routes_[i].name == name) return i;
  }
  return std::nullopt;
}

const Router::Mapping* Router::find_mapping(std::optional<std::string_view> task,
                                            std::optional<std::string_view> modality) const {
  for (const Mapping& mapping : mappings_) {
    if (mapping.task == task && mapping.modality == modality) return &mapping;
  }
  return nullptr;
}

// The reference's order: the mappings from the most special to the most general, then routes by name, then the default.
const Router::Route& Router::resolve(Task task_name, std::string_view modality_name) const {
  using Name = std::optional<std::string_view>;
  const Name task = task_name.empty() ? Name() : task_name;
  const Name modality = modality_name.empty() ? Name() : modality_name;
  for (const auto& [t, m] :
       {std::pair{task, modality}, std::pair{task, Name()}, std::pair{Name(), modality}, std::pair{Name(), Name()}}) {
    if (const Mapping* mapping = find_mapping(t, m)) return routes_[mapping->route];
  }
  for (const Name& name : {task, modality}) {
    if (!name) continue;
    if (const auto route = find_route(*name)) return routes_[*route];
  }
  if (task) {
    throw InvalidArgumentError("no route for the task " + common::quote(*task) + ": this model's Router has " +
                               list_routes());
  }
  if (default_route_) return routes_[*default_route_];
  throw InvalidArgumentError("this model's Router has no default route: give a task, one of " + list_routes());
}

std::string Router::list_routes() const {
  std::string list;
  auto append = [&list](const std::string& route) { list += (list.empty() ? "" : ", ") + route; };
  for (const Route& route : routes_) append("task=" + python_string(route.name));
  for (const Mapping& mapping : mappings_) {
    std::string route;
    if (mapping.task) route = "task=" + python_string(*mapping.task);
    if (mapping.modality) route += (route.empty() ? "" : " with ") + ("modality=" + python_string(*mapping.modality));
    append(route.empty() ? "any task" : route);
  }
  return list;
}

InputModule& Router::input_of(const Route& route) const {
  return dynamic_cast<InputModule&>(*route.modules.front());
}

void Router::forward(Features& features, nn::Workspace& workspace) const {
  for (const auto& module : resolve(features.task, features.modality).modules) module->forward(features, workspace);
}

std::optional<size_t> Router::embedding_dimension() const {
  for (const Route& route : routes_) {
    if (const auto dimension = route.embedding_dimension()) return dimension;
  }
  return std::nullopt;
}

size_t Router::num_parameters() const {
  std::set<const Module*> counted;  // routes may share modules
  size_t sum = 0;
  for (const Route& route : routes_) {
    for (const auto& module : route.modules) {
      if (counted.insert(module.get()).second) sum += module->num_parameters();
    }
  }
  return sum;
}

bool Router::reads_all_layer_embeddings() const {
  return std::any_of(routes_.begin(), routes_.end(), [](const Route& route) {
    return std::any_of(route.modules.begin(), route.modules.end(),
                       [](const auto& module) { return module->reads_all_layer_embeddings(); });
  });
}

std::string Router::description() const {
  std::string text = "Router({";
  for (const Route& route : routes_) {
    text += python_string(route.name) + ": [";
    for (const auto& module : route.modules)
      text += (module == route.modules.front() ? "" : ", ") + module->description();
    text += "], ";
  }
  return text + "'default_route': " + (default_route_ ? python_string(routes_[*default_route_].name) : "None") + "})";
}

std::vector<std::filesystem::path> Router::weight_files() const {
  std::set<std::filesystem::path> files;
  for (const Route& route : routes_) {
    for (const auto& module : route.modules) {
      for (auto& file : module->weight_files()) files.insert(std::move(file));
    }
  }
  return {files.begin(), files.end()};
}

// As the reference, a module that routes share is written for each of them.
void Router::save(const std::filesystem::path& source, const std::filesystem::path& folder) const {
  using Json = nlohmann::ordered_json;
  Json types = Json::object(), structure = Json::object();
  for (const Route& route : routes_) {
    structure[route.name] = Json::array();
    for (size_t i = 0; i < route.modules.size(); ++i) {
      const SavedClass saved = saved_class(route.origins[i].type);
      const std::string id = route.name + "_" + std::to_string(i) + "_" + saved.name;
      const std::filesystem::path target = formats::safe_join(folder, id, "the route " + common::quote(route.name));
      std::error_code error;
      std::filesystem::create_directories(target, error);
      if (error) throw IoError("cannot make the folder " + common::quote(target.string()) + ": " + error.message());
      route.modules[i]->save(source / route.origins[i].folder, target);
      types[id] = saved.type;
      structure[route.name].push_back(id);
    }
  }
  // Mappings for images and sounds mean nothing here, but stay with the model.
  std::filesystem::path path;
  const auto parameters = read_config(source, path).object_if("parameters");
  auto saved_parameters = parameters ? parameters->raw() : nlohmann::json({{"allow_empty_key", true}});
  saved_parameters["default_route"] = default_route_ ? nlohmann::json(routes_[*default_route_].name) : nlohmann::json();
  formats::write_json_file(
      folder / kFileName,
      {{"types", std::move(types)}, {"structure", std::move(structure)}, {"parameters", std::move(saved_parameters)}},
      4);
}

void Router::tokenize(std::string_view first, std::optional<std::string_view> second, Task task,
                      tokenizer::Encoding& out) const {
  input_of(resolve(task, modality())).tokenize(first, second, task, out);
}

size_t Router::prompt_length(std::string_view prompt, Task task) const {
  return input_of(resolve(task, modality())).prompt_length(prompt, task);
}

std::optional<size_t> Router::max_seq_length() const {
  size_t largest = 0;
  for (const Route& route : routes_) {
    const auto length = input_of(route).max_seq_length();
    if (!length) return std::nullopt;
    largest = std::max(largest, *length);
  }
  return largest;
}

void Router::set_max_seq_length(size_t tokens) {
  for (const Route& route : routes_) input_of(route).set_max_seq_length(tokens);
}

void Router::request_all_layer_embeddings() {
  for (const Route& route : routes_) input_of(route).request_all_layer_embeddings();
}

std::string_view Router::id_to_token(int32_t id, Task task) const {
  return input_of(resolve(task, modality())).id_to_token(id, task);
}

std::string Router::list_inputs(const std::function<std::string(const InputModule&)>& describe) const {
  std::string list;
  for (const Route& route : routes_) {
    list += (list.empty() ? "" : ", ") + route.name + ": " + describe(input_of(route));
  }
  return list;
}

std::string Router::tokenizer_description() const {
  return list_inputs([](const InputModule& input) { return input.tokenizer_description(); });
}

std::string Router::architecture() const {
  return "Router (" + list_inputs([](const InputModule& input) { return input.architecture(); }) + ")";
}

std::vector<std::string> Router::notes() const {
  std::vector<std::string> notes;
  for (const Route& route : routes_) {
    for (const std::string& note : input_of(route).notes()) notes.push_back("route " + route.name + ": " + note);
  }
  return notes;
}

}  // namespace sbert::modules
