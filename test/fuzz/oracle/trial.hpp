// trial: one table with a contract, its consumers and what their statements did before; and the judgement of changes of it.
//
// A trial is one transaction that is rolled back.  Each change is made twice from the same state: with the guard on, for its verdict, and
// with the guard off, to see what happens to the clients.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "observation.hpp"
#include "random_case.hpp"

namespace accord::oracle {

struct consumer {
  std::string name;
  core::strictness strictness = core::strictness::typed;
  bool reads = true;
  column_set columns = 0;
  bool all = true;
};

struct judged {
  std::string consumer;
  std::string evidence;  // what it noticed; empty: nothing
  bool named = false;    // the guard says that it is hit
};

struct judgement {
  bool applicable = false;  // PostgreSQL itself accepts the change
  bool refused = false;
  std::size_t passed = 0;  // statements of the change until the one that is refused, with it
  std::string fault;       // an error of the guard's that is no refusal; of the server's own, where the change is not applicable
  std::string detail;
  std::set<std::string> rules;  // named in the refusal
  std::vector<judged> consumers;
};

// Statements of clients beside those of probes_for, which are the last argument.
using more_probes = std::function<std::vector<probe>(server&, const table&, const std::vector<probe>&)>;

class trial {
 public:
  // The statements make shop.t; `level` is that of its contract.
  trial(server&, const std::vector<std::string>& schema, std::string role, std::string level,
        std::vector<consumer> (*)(const table&, dice&), dice&, const more_probes& = {});
  ~trial();
  trial(const trial&) = delete;
  trial& operator=(const trial&) = delete;

  // `instead`: statements that have the effect of the change where it could be seen only after a commit.
  // At commit the guard says nothing before the last of them (accord.judge_at).
  judgement judge(const std::vector<std::string>& change, const std::vector<std::string>& instead = {}, bool at_commit = false);
  const table& of() const { return table_; }
  const std::vector<probe>& probes() const { return probes_; }
  const std::vector<outcome>& before() const { return before_; }
  const std::vector<consumer>& consumers() const { return consumers_; }
  // Of the last judgement that was applicable: all of them where more probes came with the trial, else until each consumer has noticed one.
  std::vector<outcome> after;
  std::vector<difference> differences;

 private:
  // How many of the statements come to pass; the last of them may be one that the guard refuses.
  // Each time anew: the plan of a statement that a rule turned into nothing knows its table no more, and is never made again.
  void prepare();
  void fresh_files();
  void notice(judgement&);
  bool is_promised(bool writer) const;
  bool waits_for(const consumer&, std::size_t probe) const;
  std::size_t ask_guard(std::vector<std::string> change, bool at_commit, judgement&);

  server& s_;
  std::string role_, level_;
  bool all_probes_;
  table table_;
  std::vector<probe> probes_;
  reading then_;
  std::vector<outcome> before_;
  std::vector<consumer> consumers_;
};

// One for each strictness and side, and some that use a few columns only, those who write those that are needed besides.
std::vector<consumer> all_kinds(const table&, dice&);

}  // namespace accord::oracle
