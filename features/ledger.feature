Feature: A site keeps a ledger that shows when somebody tampered with it
  Who was screened, corrected and decided on stands in a chain of signed entries. An inspector who kept a head can
  see later whether anything was changed, cut off or rewritten, and can have every verdict made again.

  Background:
    Given a ledger in which the investigator has a key
    And the published index case and her completed variant were entered as drafts

  Scenario: The ledger holds
    Then the ledger is whole, and says what that does not show
    And every screening comes out again byte for byte

  Scenario: Rules that nobody approved are refused
    When the investigator enters a screening without calling it a draft
    Then it is refused, because its rules are not approved

  Scenario: Somebody edits a verdict in an exported ledger
    When somebody changes UNDETERMINED to ELIGIBLE in a copy
    Then the copy is not whole, and the entry is named

  Scenario: Somebody cuts off the last entry
    Given the sponsor kept the head
    When somebody cuts off the last entry of a copy
    Then the copy holds by itself, and not against the head that was kept

  Scenario: What is missing cannot be signed away
    When the investigator wants to let the published index case enter
    Then it is refused, and she is told how many items are not known

  Scenario: A correction keeps what was there
    When the pain of the completed index case was misread, and is corrected with a reason
    Then both screenings are in the ledger, and what was before and after

  Scenario: Who was never approached is forgotten
    When what the published index case was screened from is purged, because she was never approached
    Then the ledger is whole, and nothing of her record is in its file
