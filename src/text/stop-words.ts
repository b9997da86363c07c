/** Function words that carry no topic, folded: English ones are the list of Snowball's project, cut at the apostrophe. */
const ENGLISH = `
  a about above after again against all am an and any are aren as at be because been before being below between both but by
  can cannot could couldn did didn do does doesn doing don down during each few for from further had hadn has hasn have haven
  having he her here hers herself him himself his how i if in into is isn it its itself let ll me more most mustn my myself no
  nor not of off on once only or other ought our ours ourselves out over own re s same shan she should shouldn so some such t
  than that the their theirs them themselves then there these they this those through to too under until up ve very was wasn
  we were weren what when where which while who whom why will with won would wouldn you your yours yourself yourselves`;

/** Of languages whose letters no other language here has: a German "die" or "war" would be an English word. */
const OTHERS = `
  и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по ее мне было вот от меня о из ему когда
  если уже или ни быть был него до вас они тут где есть для мы их чем была без будто чего себя под будет кто этот того этого
  какой какая какие каких каким ли при об чтобы это эта эти мой почему сколько зачем куда откуда можно нужно нужна делать
  сделать

  ο η το οι τα του τησ των τον τη την τουσ τισ ενασ μια ενα και κι να σε στο στη στην στον στα στισ στουσ με για απο θα δεν
  που πωσ τι ποιοσ ποια ποιο ποιοι ποιεσ ποσο ποση ποσα ποσεσ ποσοι ποτε γιατι αν οταν ωσ μου σου μασ σασ τοτε ειναι εχει
  εχουν ηταν πρεπει μπορει αυτο αυτοσ αυτη αυτα κανω κανει κανουμε

  في من الي علي عن مع ما ماذا بماذا لماذا متي اين كيف كم هل اي من هو هي هم هذا هذه ذلك تلك التي الذي ان لا لم لن قد ثم او
  كل بعد قبل عند اذا كان كانت يكون به بها له لها فيها فيه افعل نفعل

  את של על אל עם אם או כי לא גם כל זה זאת זו הוא היא הם הן אני אתה אנחנו מה מי מתי איפה איך למה מדוע כמה האם איזה איזו
  אילו לאילו באיזו באיזה יש אין היה הייתה יותר אחרי לפני כדי עושים לעשות

  के का की को में से है हैं था थी थे पर और या यह वह इस उस ये वे तो भी ही न नहीं ने एक कि जो क्या क्यों कैसे कब कहां कौन किस
  किन कितना कितनी कितने किसने हो होता होती होते करें करना कर लिए साथ बाद तक अपने आप गया`;

export const ENGLISH_STOP_WORDS: ReadonlySet<string> = new Set(ENGLISH.trim().split(/\s+/));
export const STOP_WORDS: ReadonlySet<string> = new Set(`${ENGLISH} ${OTHERS}`.trim().split(/\s+/));

/** What only makes a question of a sentence, in languages that put no blank before it. */
const ASKING = `
  为什么 什么时候 什么 怎么样 怎么 怎样 如何 哪里 哪些 哪个 哪一 多少 多久 是谁 由谁 吗 呢
  為什麼 什麼 怎麼 哪裡
  いいですか よいですか ですか ますか でしょうか ましたか ください どのくらい どうすれば どうやって なぜ どこ いくら
  อะไร อย่างไร ยังไง ทำไม เท่าไร เท่าไหร่ เมื่อไร เมื่อไหร่ ที่ไหน ตรงไหน ไหม หรือไม่ ใคร
  무엇을 무엇이 무엇 어떻게 언제까지 언제 어디에 어디 얼마나 누가 입니까 습니까 인가요 하나요 되나요 나요`;

export const ASKING_PHRASES = new RegExp(ASKING.trim().split(/\s+/).join("|"), "gu");
