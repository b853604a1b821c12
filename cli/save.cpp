// sbert save MODEL FOLDER: the model as a new folder of version 6.
#include <sbert/sentence_transformer.h>

#include "commands.h"
#include "errors.h"
#include "message.h"
#include "model.h"

namespace sbert::cli {

void run_save(const Arguments& arguments) {
  GlobalOptions global;
  ModelOptions options;
  ArgumentParser parser("save", "MODEL FOLDER",
                        "Write a model as a new folder, in the format of Sentence Transformers 6: weights become "
                        "model.safetensors, a LoRA adapter is merged.");
  add_max_seq_length(parser, options.max_seq_length);
  add_truncate_dim(parser, options.truncate_dim);
  add_options(parser, global);
  std::vector<std::string> words = parser.parse(arguments);
  const std::string name = take_model(words);
  if (words.empty()) throw UsageError("no FOLDER: give the path of a new folder to save the model in");
  if (words.size() > 1) throw UsageError("save takes one MODEL and one FOLDER, found also " + quote(words[1]));

  prepare(global);
  options.copy_weights = global.no_mmap;
  SentenceTransformer(name, options).save(words.front());
}

}  // namespace sbert::cli
