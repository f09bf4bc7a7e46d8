Feature: What a coordinator works with after everybody was screened
  A coordinator gets a list of whom to look at, works in it for weeks, and gets a new one after the next extract.
  What was written into it is never lost, who asked not to be contacted is never on it, and what leaves the site
  tells nothing of single people.

  Background:
    Given the people of a site were screened

  Scenario: The list is a workbook to work in
    When the coordinator asks for the worklist as a workbook
    Then everybody who is NOT RULED OUT has a row, people with an alert first
    And each row says what is on record, and what is to be obtained and how
    And the workbook says DRAFT and the day, on screen and on paper

  Scenario: What was written into the workbook is there after the next run
    Given the coordinator wrote into the workbook that SYN-0049 consented on 2026-11-24
    When the people are screened again and the worklist is made from the workbook
    Then SYN-0049 is still marked as consented on 2026-11-24
    And who is new, changed or the same since the last run is said

  Scenario: Who asked not to be contacted is left out for good
    Given SYN-0003 asked not to be contacted
    When the people are screened again and the worklist is made without naming that list
    Then SYN-0003 is not on it
    And the screen counts who was left out

  Scenario: Two people wrote different things
    Given one workbook says that SYN-0049 enrolled on 2026-11-25 and another that she declined the day before
    When the worklist is made from both
    Then the later one stands, the other is kept beside it, and the screen names SYN-0049

  Scenario: A figure for the meeting
    When the coordinator asks for the funnel as a figure
    Then it is drawn, and says in words what it shows
    And nothing in it reads as a forecast

  Scenario: What leaves the site
    When the funnel by sex and age is asked for with cells under 5 hidden
    Then no number from 1 to 4 is in it

  Scenario: An exclusion that no source can answer
    Given no source is mapped for stroke, which is an absolute exclusion
    When the coordinator asks for the funnel
    Then it says that nobody can have been ruled out by it, and gives no count

  Scenario: What has changed since the last extract
    Given one person is not in the new extract and another one's consent is not in it
    When the new run is held against the last one
    Then one person is gone, one has changed, and the counts add up
    And it says that the data are the reason
