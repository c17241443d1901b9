// An option of the command line whose value is one of some words.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>

namespace accord::cli {

// `words` and `chosen` must outlive the parsing.
template <typename Value>
CLI::Option* add_choice(CLI::App& app, const std::string& name, const std::map<std::string, Value>& words, Value& chosen,
                        const std::string& help) {
  return app
      .add_option_function<std::string>(
          name, [&](const std::string& word) { chosen = words.at(word); }, help)
      ->transform(CLI::IsMember(words, CLI::ignore_case).description(""))
      ->type_name("WORD");
}

}  // namespace accord::cli
