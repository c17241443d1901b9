// truth_file.  See truth_file.hpp.
#include "truth_file.hpp"

#include <fmt/format.h>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace accord::truth {

namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t"), last = text.find_last_not_of(" \t");
  return first == std::string::npos ? std::string() : text.substr(first, last - first + 1);
}

// A version as in server_version_num: "16" is the first of its minor versions, or the last one; "16.11" is itself.
int parsed_version(const std::string& text, bool last) {
  const auto point = text.find('.');
  if (point == std::string::npos) return std::stoi(text) * 10000 + (last ? 9999 : 0);
  return std::stoi(text.substr(0, point)) * 10000 + std::stoi(text.substr(point + 1));
}

// "17-": from 17 on; "-16": up to 16; "15": there only; "16.11-16": in 16 from 16.11 on; "icu": where it has ICU.
bool is_for(const std::string& condition, const server_build& server) {
  if (condition == "icu") return server.icu;
  const auto dash = condition.find('-');
  const std::string from = condition.substr(0, dash), to = dash == std::string::npos ? from : condition.substr(dash + 1);
  return (from.empty() || server.version >= parsed_version(from, false)) && (to.empty() || server.version <= parsed_version(to, true));
}

// Takes " @17-" off the end of the word; is the line for this server?
bool take_condition(std::string& word, const server_build& server) {
  const auto at = word.rfind('@');
  if (at == std::string::npos) return true;
  const std::string condition = word.substr(at + 1);
  word = trimmed(word.substr(0, at));
  return is_for(condition, server);
}

client parsed_client(const std::string& line, const std::string& head, const std::string& sql) {
  client c;
  c.line = line;
  c.sql = sql;
  std::string word;
  std::vector<std::string> words;
  for (char ch : head + ' ')
    if (ch != ' ')
      word += ch;
    else if (!word.empty())
      words.push_back(std::exchange(word, {}));
  if (words.size() < 3) throw std::runtime_error("a client is: read|write [prepared] STRICTNESS COLUMNS: SQL");
  c.writes = words[0] == "write";
  c.prepared = words[1] == "prepared" && words.size() == 4;
  c.strictness = words[c.prepared ? 2 : 1];
  c.columns = words.back();
  return c;
}

}  // namespace

std::vector<truth_case> read_truth(const std::string& path, const server_build& server) {
  std::ifstream file(path);
  if (!file) throw std::runtime_error("cannot read " + path);
  std::map<std::string, std::vector<std::string>> fixtures;
  std::vector<truth_case> cases;
  std::string row, fixture;
  bool in_fixture = false, wanted = true;
  int number = 0;
  try {
    for (std::string raw; std::getline(file, raw);) {
      number++;
      std::string line = trimmed(raw);
      if (line.empty() || line[0] == '#') continue;
      const auto word = line.substr(0, line.find(' '));
      const std::string rest = trimmed(line.substr(std::min(line.size(), word.size())));
      if (word == "fixture") {
        fixture = rest;
        in_fixture = true;
      } else if (word == "row") {
        row = rest;
        in_fixture = false;
      } else if (word == "on") {
        fixture = rest;
      } else if (word == "case") {
        std::string name = rest;
        wanted = take_condition(name, server);
        in_fixture = false;
        if (!wanted) continue;
        if (!fixtures.contains(fixture)) throw std::runtime_error("no fixture " + fixture);
        cases.push_back({row, name, fixtures.at(fixture), {}, {}, {}, {}});
      } else if (in_fixture) {
        fixtures[fixture].push_back(line);
      } else if (!wanted) {
        continue;
      } else if (cases.empty()) {
        throw std::runtime_error("a case comes first");
      } else if (word == "+") {
        cases.back().setup.push_back(rest);
      } else if (word == ">") {
        cases.back().change.push_back(rest);
      } else if (word == "=") {
        cases.back().instead.push_back(rest);
      } else {
        const auto colon = line.find(": ");
        std::string head = line.substr(0, colon);
        const std::string value = colon == std::string::npos ? std::string() : trimmed(line.substr(colon + 2));
        if (colon == std::string::npos) throw std::runtime_error("what is this: " + line);
        if (!take_condition(head, server)) continue;
        if (word == "read" || word == "write")
          cases.back().clients.push_back(parsed_client(line, head, value));
        else
          cases.back().facts[head] = value;
      }
    }
  } catch (const std::exception& e) {
    throw std::runtime_error(fmt::format("{}:{}: {}", path, number, e.what()));
  }
  return cases;
}

}  // namespace accord::truth
