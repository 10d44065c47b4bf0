// Every sentence of the committee page, in English.

import type { Words } from "../../dom/languages.ts";

export const EN: Words = {
  other: "Tiếng Việt",
  loading: "Opening the committee page…",
  homeTitle: "Counting committee",
  you: "You are member {i} of {n}: {name}. {t} key sheets are needed to count.",
  startTitle: "Make your key sheet",
  startHint:
    "Every member keeps one sheet of paper with a key. It is made on this device; the server never " +
    "learns it. Have a printer ready, or pen and paper.",
  make: "Make my key sheet",
  have: "I have a key sheet already",
  goOnTitle: "It is your turn",
  goOnHint: "Enter your key sheet to go on.",
  enterSheet: "Enter my key sheet",
  waitTitle: "Nothing for you to do now",
  waitCommit:
    "Waiting for the other members to make their sheets. The page goes on by itself; leave it open or " +
    "come back later.",
  waitDeal: "Waiting for the other members. Leave the page open: the remaining steps run by themselves.",
  waitConfirm: "Waiting for the other members to confirm.",
  waitConfirmed:
    "The ceremony is finished, and the rehearsal decryption works for every member. Keep your sheet " +
    "safe until the count.",
  waitOpen: "Voting is open. Keep your sheet; this page calls you when it is time to count.",
  waitClosed: "Voting has closed; the box is being sealed. The page goes on by itself.",
  waitCount: "Your share is in. Waiting for the others: {t} shares are needed.",
  waitSolving: "Enough shares are in. The server is computing the result; anybody can check it.",
  waitCertified: "The minutes are certified; the audit bundle is being verified.",
  waitPublished: "The results are published.",
  results: "Read the results",
  countTitle: "Count",
  countHint:
    "This device downloads the sealed board, recomputes everything, and then tells you what it would open.",
  count: "Download and check the board",
  papersTitle: "Minutes to be certified",
  papersHint:
    "{t} members must sign. This device has fetched the files and made every figure and every line " +
    "again from the board. Read the table below, open the PDF beside it, and only then sign.",
  seePapers: "Read the minutes",
  certify: "I certify these minutes",
  test: "Test my key sheet",
  tested: "This is the right sheet: yours, of this ceremony.",
  testedEarly:
    "The sheet reads well, no character is wrong. You have not taken part in this ceremony yet, so it " +
    "cannot be compared.",
  makeTitle: "Your key sheet",
  makeHint:
    "Print these 13 groups, or copy them. Whoever has this sheet can stand in for you at the count: " +
    "keep it like a seal. In the next step you enter it again from paper.",
  makeQr: "QR code of the key sheet",
  print: "Print the sheet",
  saveSheet: "Save as a file",
  made: "I have printed or copied it",
  enterTitleNew: "Enter it again from paper",
  enterTitleGoOn: "Enter your key sheet",
  enterTitleTest: "Test your key sheet",
  enterHint:
    "Type the 13 groups of 5 characters; or paste the whole sheet, or choose the saved file. A wrong " +
    "group is shown at once.",
  group: "Group {n}",
  groupShort: "Group {n} has fewer than 5 characters",
  scanSheet: "Scan the QR code on the sheet",
  scanTitle: "Scan your key sheet",
  scanHint: "Hold the QR code of the sheet into the frame. The picture is not kept and sent nowhere.",
  scanVideo: "Picture of the camera",
  scanStrange: "This QR code is no key sheet.",
  scanNoCamera: "The camera cannot be used. Go back and type the groups.",
  scanBack: "Type instead",
  sheetRound: "Vote",
  sheetMember: "Member of the counting committee",
  sheetDay: "Made on",
  sheetPurpose: "What it is for",
  sheetPurposeIs:
    "One of the {n} key sheets of the counting committee. After the polls have closed, {t} of them " +
    "together open the sums; one alone opens nothing.",
  sheetKeep: "Where to keep it",
  sheetKeepIs:
    "In a sealed and signed envelope, in a locked cabinet or safe. No photograph, and not with another " +
    "member's sheet. Bring it to the count; it is destroyed with the records of the vote.",
  sheetLost: "If it is lost",
  sheetLostIs: "Tell the head of the committee and the organizers at once.",
  sheetWords: "The twelve syllables of the board (to be written at the count): …………………………………",
  lostSheet: "I have lost my key sheet",
  lostTitle: "What to do when a key sheet is lost",
  lostEarly: "The ceremony is not finished: nothing is lost yet.",
  lostEarly1: "Tell the head of the committee and the organizers that your sheet is lost.",
  lostEarly2: "The organizers press “Begin again” on the page of the committee; the slips stay good.",
  lostEarly3: "All {n} members make new sheets; the old ones are destroyed.",
  lostLate: "{t} of the {n} sheets are needed to count, so {spare} may be missing.",
  lost1: "Tell the head of the committee and the organizers at once; have it put on record.",
  lost2: "Count which members still have their sheets: each presses “Test my key sheet”.",
  lost3: "At least {t} sheets are left: go on. At the opening the other members name you absent.",
  lost4: "Fewer than {t} are left: nobody can open the result, nor can the server. Stop, and vote again.",
  lostFound:
    "If somebody else may have the sheet: alone it opens nothing, but tell the others at once, for {t} of " +
    "them do.",
  groupWrong: "Group {n} has a wrong character",
  sheetFile: "Saved file of the sheet",
  go: "Go on",
  back: "Back",
  SheetShort:
    "Group {detail} is empty. All 13 groups of 5 characters are needed. What you have typed is kept.",
  SheetGroup: "Group {detail} has a wrong or swapped character. Compare it with the paper.",
  SheetOther: "This is not the sheet that was just made. Enter it from the paper you have just printed.",
  SheetForeign: "This sheet reads well, but it is not yours of this ceremony. Find the right paper.",
  confirmTitle: "Look at the vote and confirm it",
  confirmHint:
    "Read this. The twelve syllables below must be the same for every member: read them out to each other.",
  confirmWords: "This vote in twelve syllables",
  confirmRound: "Vote",
  confirmSize: "{leaders} leaders, {panels} units that vote, {voters} voters",
  confirmTimes: "Opens {opens}, closes {closes}",
  confirmK: "Only sums over groups of at least {k} ballots are opened",
  confirmCommittee: "Committee: {names}; {t} of them are needed",
  confirm: "The syllables are the same, I confirm",
  openSummary: "{sums} sums over groups of at least {smallest} ballots, of {ballots} ballots.",
  openChecked:
    "This device has checked all {ballots} ballots whole, none left out, and recomputed board, plan and" +
    " sums itself.",
  openNothing: "No single ballot is opened.",
  working_checking: "Comparing the sheet…",
  working_commit: "Making the commitment…",
  working_deal: "Dealing shares to the members…",
  working_confirm: "Checking the ceremony and rehearsing…",
  working_download: "Downloading the board",
  working_check: "Checking ballots",
  working_open: "Opening sums",
  working_certify: "Signing the minutes…",
  progress: "{done} % done",
  stoppedTitle: "Something is not right",
  retry: "Try again",
  Offline: "The server cannot be reached. Nothing is lost; try again.",
  WrongDocument:
    "The server sent a document that is not in the required form ({detail}). This device has signed " +
    "nothing. Tell the head of the committee.",
  BadDealer:
    "The shares of member {detail} are wrong. This device has reported it and signed nothing. The " +
    "ceremony must be started again.",
  CheckFailed: "This device found a mismatch ({detail}) and signed nothing. Tell the head of the committee.",
  complaint:
    "Member {by} reports that the shares of member {dealer} are wrong (clause {check}). The organizers " +
    "must start the ceremony again.",
  table: "Who has done what",
  member: "Member",
  stepCommit: "Sheet",
  stepDeal: "Shares",
  stepConfirm: "Confirmed",
  stepShare: "Counted",
  yes: "done",
  no: "not yet",
  linkMissing: "Open the personal link that you were given; this address lacks the part after #.",
  waitCosign: "You have signed for the board. Waiting for the other members to check and sign.",
  waitPapers: "You have signed the minutes. Waiting for {t} signatures.",
  boardWords: "This board in twelve syllables",
  cosignTitle: "Compare the syllables, then sign",
  cosignHint:
    "Read these syllables out to each other. Sign only if every member has the same; write them on your" +
    " key sheet.",
  cosign: "The syllables are the same, I sign",
  openReady: "Open the result",
  openReadyHint:
    "You have signed for the board. This device looks who has signed and whether the look-up time is " +
    "over, and then opens the sums.",
  goToOpen: "Look, and open",
  lookAgain: "Look again",
  missingTitle: "Members are missing",
  missingHint: "These members have not signed for the board. Call them first.",
  absentTitle: "If they cannot take part",
  absentHint:
    "{names} will be named absent in what you sign, in the minutes and in the verifier's report. With " +
    "members missing, only people can prevent that there are two different boards: compare the " +
    "syllables with them by telephone if you can.",
  absentCalled: "I have called, and they cannot take part",
  openWithout: "Open, naming them absent",
  lookUpTitle: "Voters are looking up",
  lookUpLeft: "About {minutes} minutes are left in which voters look their ballots up.",
  lookUpHint: "Nothing is opened yet. When the time is over, look again. The page may stay open.",
  papersMade: "The minutes are what this device has computed itself.",
  keepPdf: "Save the PDF",
  pdfTitle: "Minutes, the PDF",
  readPdf: "Open the PDF to read beside",
  nobody: "nobody",
  factsTable: "Numbers",
  factSummoned: "Summoned",
  factPresent: "Present",
  factIssued: "Ballots issued",
  factReturned: "Ballots returned",
  factReplaced: "Slips replaced",
  factChair: "Chair",
  factSecretary: "Secretary",
  factCustodian: "Custodian",
  factCountedBy: "Opened the sums",
  factAbsent: "Absent from the opening",
  colLeader: "Leader",
  colNotMarked: "Not marked",
  colOutcome: "Outcome",
  resultsOfReturned: "Results; percentages of the ballots returned",
  resultsOfSummoned: "Results; percentages of all persons summoned",
  withheld: "Withheld, too few ballots",
  outcome_none: "nothing follows",
  outcome_no_quorum: "below quorum",
  outcome_frozen: "excluded",
  happenedTable: "What happened",
  act_opened: "Opened",
  act_extended: "Extended",
  act_closed: "Closed",
  by_hand: "by hand",
  by_clock: "by the clock",
  frozenRow: "Excluded",
  incidentRow: "Incident",
  complaintRow: "Complaint",
  resumes:
    "The page may be closed or loaded again: this browser remembers what has been checked, and goes on " +
    "from there.",
  KeepsNothing:
    "This browser keeps nothing (a private window, or blocked), so it could not remember which board you " +
    "have signed for. This device has signed nothing. Open the link in a normal window.",
  timeLeft: ", about {minutes} min {seconds} s left",
  working_requests: "Checking the papers that were issued",
  working_sign: "Signing…",
  stepCosign: "Board",
  stepCertify: "Minutes",
  Broken: "Something unforeseen went wrong ({detail}). This device has signed nothing; try again.",
};
