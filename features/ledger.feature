Feature: A site keeps a ledger that shows when somebody tampered with it
  Who was screened, corrected and decided on stands in a chain of signed entries. An inspector who kept a head can
  see later whether anything was changed, cut off or rewritten, and can have every verdict made again.

  Background:
    Given a ledger in which the investigator has a key
    And the published index case and her completed variant were entered as drafts

  @R4
  Scenario: The ledger holds
    Then the ledger is whole, and says what that does not show
    And every screening comes out again byte for byte

  @R21 @R28
  Scenario: Rules that nobody approved are refused
    When the investigator enters a screening without calling it a draft
    Then it is refused, because its rules are not approved

  @R4
  Scenario: Somebody edits a verdict in an exported ledger
    When somebody changes UNDETERMINED to ELIGIBLE in a copy
    Then the copy is not whole, and the entry is named

  @R4
  Scenario: Somebody cuts off the last entry
    Given the sponsor kept the head
    When somebody cuts off the last entry of a copy
    Then the copy holds by itself, and not against the head that was kept

  @R7
  Scenario: What is missing cannot be signed away
    When the investigator wants to let the published index case enter
    Then it is refused, and she is told how many items are not known

  @R1
  Scenario: A correction keeps what was there
    When the pain of the completed index case was misread, and is corrected with a reason
    Then both screenings are in the ledger, and what was before and after

  @R19
  Scenario: Who was never approached is forgotten
    When what the published index case was screened from is purged, because she was never approached
    Then the ledger is whole, and nothing of her record is in its file

  @R6
  Scenario: Every verdict can be made again
    Then every screening comes out again byte for byte

  Scenario: What was lost is told apart from what was purged
    When what the published index case was screened from disappears without an entry
    Then doing the screenings again fails, and says what was lost

  Scenario: A rule file that was kept is altered
    When somebody alters a kept rule file
    Then the ledger is not whole, because of its rules

  @R10
  Scenario: Nothing of the study is done before consent
    Given the rules were approved
    When the completed index case is entered without a day of consent
    Then it is refused, because consent comes first
    When her consent is entered as an event, and she is entered again
    Then the screening has the day of her consent

  @R10
  Scenario: Records are read before consent on a stated basis
    Given the rules were approved
    When she is entered as a pre-screening without a basis
    Then it is refused, because a basis is missing
    When she is entered as a pre-screening under a waiver
    Then the investigator cannot let her enter on it

  @R10
  Scenario: Whoever withdraws consent is not screened any more
    When her consent is withdrawn
    Then entering her again is refused

  @R25
  Scenario: What happened at screening is an event of its own
    When an adverse event of the completed index case is entered with a note
    Then the event refers to her screening, and its words are no part of the chain

  @R11
  Scenario: An administrator's exception is an entry
    When the administrator restores a file and says so
    Then the exception stands in the ledger with its reason

  @R13
  Scenario: The screening log is a table, with who declined
    When somebody declined before she was screened
    Then the table has a row for each screening and for her, with primary and all reasons

  @R24
  Scenario: Whoever reviews the trail finds what to look at
    Given the investigator decided on the published index case
    When her screening is corrected after that
    Then late entries, changes after a decision and roles can be listed

  @R12
  Scenario: A stranger verifies an export
    Given the sponsor kept the head
    Then an export holds against the head that was kept

  Scenario: A sponsor gets codes and no words
    When the ledger is exported under codes
    Then no name, no words and no id of a record is in it, and every hash is that of the ledger

  @R17 @R18
  Scenario: What leaves with years alone
    When the ledger is exported with years alone
    Then no day is in it, and every code is new

  @R19
  Scenario: A policy shows what it would delete
    When the policy for those never approached is tried
    Then it names two people, and nothing is deleted
    When the same policy is carried out
    Then the ledger is whole, and replaying says what was purged

  @R19
  Scenario: Nothing goes of somebody who consented
    When the completed index case has consented
    Then purging her screening is refused, and a policy keeps it

  @R21
  Scenario: An amendment lists whom to screen again
    Then the screenings can be done again under the rules as they are now

  @R23
  Scenario: A backup is restored
    Given the sponsor kept the head
    When the file is copied, lost and restored
    Then the restored ledger holds against the head that was kept

  Scenario: Somebody acts on a person of a run
    Given both were screened in a run that was entered
    When the completed index case is screened by herself
    Then her row in the run has an entry of its own, and a proof that a stranger can check
    And a proof for another row does not hold

  @R12 @R22
  Scenario: A pack for whoever inspects
    When a validation pack is made
    Then it maps every requirement, says that no test was run, and its sums fit
    And the same ledger gives the same bytes
