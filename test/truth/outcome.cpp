// outcome.  See outcome.hpp.
#include "outcome.hpp"

#include <set>

#include "clients.hpp"

namespace accord::truth {

namespace {

using oracle::column_set;
using oracle::difference;
using oracle::probe;
using words = std::map<std::string, std::set<std::string>>;  // by kind

bool is_error(const std::string& word) {
  return word.size() == 5 && word != "error" && (word[0] < 'a' || word[0] > 'z');
}

std::string word_for(const difference& d) {
  if (d.what == "another type") return "type";
  if (d.what == "other columns") return "columns";
  if (d.what == "other values" || d.what.starts_with("stores another value") || d.what.starts_with("writes another column"))
    return "values";
  if (d.what.starts_with("INSERT ") || d.what.starts_with("UPDATE ") || d.what.starts_with("DELETE ") || d.what.starts_with("COPY ") ||
      d.what.find("other rows") != std::string::npos || d.what.starts_with("rows go") || d.what.starts_with("those referred"))
    return "rows";
  if (d.what.starts_with("accepted now")) return d.what.substr(d.what.size() - 5);
  return d.what.substr(0, 5);
}

bool is_other_side(const difference& d, const probe& p) {
  return p.writes && !d.writer;
}

words by_kind(const oracle::trial& t) {
  words result;
  for (const auto& d : t.differences) {
    const probe& p = t.probes()[d.probe];
    if (d.what.starts_with("others ")) continue;  // the write itself has it
    result[is_other_side(d, p) ? "promise" : kind_of(p)].insert(word_for(d));
  }
  return result;
}

// Does a kind of client fail with each statement that names these columns?
bool fails_always(const oracle::trial& t, const std::string& kind, const std::set<std::size_t>& failed, column_set about) {
  bool any = false;
  for (std::size_t i = 0; i < t.probes().size(); i++) {
    const probe& p = t.probes()[i];
    if (!p.writes || kind_of(p) != kind || !t.before()[i].answer.ok() || (p.uses & about) != about) continue;
    any = true;
    if (!failed.contains(i)) return false;
  }
  return any;
}

}  // namespace

std::map<std::string, std::string> outcomes(const oracle::trial& t) {
  std::map<std::string, std::string> result;
  for (const auto& [kind, found] : by_kind(t))
    for (const auto& word : found)
      result[kind] += (result[kind].empty() ? "" : " ") + word;
  return result;
}

std::string codes(const oracle::trial& t) {
  std::set<std::string> found;
  std::set<std::size_t> failed;
  column_set about = t.of().all;
  const words by = by_kind(t);
  auto differs = [&](const std::string& kind, bool errors) {
    auto at = by.find(kind);
    if (at == by.end()) return false;
    for (const auto& w : at->second)
      if (is_error(w) == errors) return true;
    return false;
  };
  for (const auto& d : t.differences) {
    const probe& p = t.probes()[d.probe];
    const std::string word = word_for(d), kind = kind_of(p);
    if (!d.writer) {
      if (is_other_side(d, p)) {
        found.insert("R3");
      } else if (word == "values" || word == "rows" || word == "type") {  // of whole rows the shape is another, which says no more
        if (!p.whole) found.insert(word == "type" ? "R2" : "R3");
      } else if (is_error(word))
        found.insert(word == "0A000" && !p.prepare.empty() ? "R1" : "R4");
      continue;
    }
    if (!is_error(word)) {
      if (kind == "positional" || kind == "whole copy") continue;
      found.insert("WS");
    } else if (kind == "insert" || kind == "prepared write" || kind == "update" || kind == "delete" || kind == "upsert" ||
               kind == "own write") {
      failed.insert(d.probe);
      about &= p.uses;
    }
  }
  if (!failed.empty()) {
    bool always = false;
    for (const char* kind : {"insert", "prepared write", "update", "delete", "upsert"})
      always |= fails_always(t, kind, failed, about);
    found.insert(always ? "W4" : "WD");
  }
  const bool named = differs("insert", true);
  if (!named && (differs("positional", true) || differs("whole copy", true) || differs("copy", true))) found.insert("WP");
  if (!named && !differs("insert", false) && (differs("positional", false) || differs("whole copy", false))) found.insert("WP");
  if (!named && !differs("copy", true) && (differs("binary", true) || differs("copy binary", true))) found.insert("WB");
  std::string text;
  for (const char* code : {"R0", "R1", "R2", "R3", "R4", "W0", "WP", "WB", "WD", "W4", "WS"}) {
    bool none = code[1] == '0';
    for (const auto& f : found)
      if (f[0] == code[0]) none = false;
    if (none || found.contains(code)) text += (text.empty() ? "" : " ") + std::string(code);
  }
  return text;
}

}  // namespace accord::truth
