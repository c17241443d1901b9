// command_text: the words of the DDL command that an event trigger is called for.
//
// The event gives the parse tree alone.  The text comes from the utility hook, or from the portal that runs the command (the library may have
// been loaded in its midst).  Where neither knows it, messages do without.
#pragma once

#include <string>

#include "pg/bridge.hpp"

namespace accord::guard {

struct command_text {
  std::string source;   // what the locations in the tree refer to
  std::string command;  // the command's part of it
};
command_text text_of(Node* tree);

// Outside a transaction block, and not run by a function or a DO block: nothing that follows can restore what it breaks.
bool is_transaction_by_itself(Node* tree);

void command_text_init();

}  // namespace accord::guard
