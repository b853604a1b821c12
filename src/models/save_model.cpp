#include "models/save_model.h"

#include <vector>

#include "formats/atomic_file.h"
#include "formats/config_writer.h"
#include "formats/safe_path.h"
#include "models/new_folder.h"

namespace sbert::models {

void save_model(const Pipeline& pipeline, const std::filesystem::path& source,
                const formats::SentenceTransformersConfig& config, const std::string& model_card,
                const std::string& path) {
  NewFolder folder(path);
  std::vector<formats::ModuleEntry> entries;
  for (const auto& [entry, module] : pipeline.modules()) {
    const modules::SavedClass saved = modules::saved_class(entry.type);
    const size_t idx = entries.size();
    const std::string place = idx == 0 && saved.in_root ? "" : std::to_string(idx) + "_" + saved.name;
    module->save(source / entry.path, folder.make(place));
    entries.push_back({.idx = static_cast<int64_t>(idx),
                       .name = entry.name,
                       .path = place,
                       .type = saved.type,
                       .kwargs = entry.kwargs});
  }
  formats::write_modules_json(folder.temporary(), entries);
  formats::write_sentence_transformers_config(folder.temporary(), config);
  formats::AtomicFile readme(folder.temporary() / "README.md");
  readme.write(model_card);
  readme.commit();
  folder.commit();
}

std::string write_model_card(const ModelInfo& info) {
  std::string card = R"(---
library_name: sentence-transformers
pipeline_tag: sentence-similarity
tags:
- sentence-transformers
- sentence-similarity
- feature-extraction
---

# SentenceTransformer

This model maps texts to vectors)";
  if (info.embedding_dimension) card += " of " + std::to_string(*info.embedding_dimension) + " dimensions";
  card += ", which are compared by their " + info.similarity_function + " similarity.";
  if (info.max_seq_length) card += " A text has at most " + std::to_string(*info.max_seq_length) + " tokens.";
  card += R"(

## Usage

With [Sentence Transformers](https://www.sbert.net):

```python
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("path/to/this/folder")
embeddings = model.encode(["The weather is lovely today.", "It's so sunny outside!"])
print(model.similarity(embeddings, embeddings))
```

With sbert.cpp, in C++:

```cpp
#include <sbert/sbert.h>

sbert::SentenceTransformer model("path/to/this/folder");
auto embeddings = model.encode({"The weather is lovely today.", "It's so sunny outside!"});
auto scores = model.similarity(embeddings, embeddings);
```

## Modules

```
SentenceTransformer(
)";
  for (const ModuleInfo& module : info.modules) card += "  (" + module.name + "): " + module.description + "\n";
  return card + ")\n```\n";
}

}  // namespace sbert::models
