# الصفحات التي تعمل دون نصوص برمجية وكلمات الخادم، بالعربية.
sign-in-title = تسجيل الدخول
sign-in-lead = استخدم اسم الدخول وكلمة المرور من مؤسستك.
login = اسم الدخول
login-hint = مثلًا u00001 أو عنوان بريدك.
password = كلمة المرور
sign-in = تسجيل الدخول
sign-in-wait = وردت كلمات مرور خاطئة كثيرة من اتصالك. انتظر لحظة ثم أعد المحاولة.
sign-in-wrong = اسم الدخول أو كلمة المرور غير صحيح. تحقق منهما وأعد المحاولة.
sign-in-problem = خطأ: { $name }
sign-in-unavailable = يتعذر الوصول إلى دليل مؤسستك الآن. ليست كلمة مرورك هي السبب: أعد المحاولة بعد بضع دقائق.
sign-in-limit = هذا ليس اسم دخول. لا يزيد اسم الدخول على 320 حرفًا.
sign-in-or = أو بكلمة مرور
sign-on-refused = لم يكتمل تسجيل الدخول: طال وقته أو بدأ في متصفح آخر. أعد المحاولة.
sign-on-unknown = تم التحقق من هويتك، لكن لا حساب لك هنا. اسأل مكتب الدعم في مؤسستك.
sign-on-stray = تم التحقق من هويتك، لكن بياناتك في الدليل لا تعود إلى أي من المؤسسات هنا، أو تعود إلى أكثر من واحدة، فلا يمكن فتح شيء لك. اطلب من مكتب الدعم في مؤسستك تصحيحها.
sign-on-unavailable = يتعذر الوصول إلى خدمة تسجيل الدخول الآن. أعد المحاولة بعد بضع دقائق.
way-cas = الدخول بحساب مؤسستك
way-saml = الدخول عبر اتحاد مؤسستك
way-oidc = الدخول بحساب مؤسستك
way-header = الدخول بحساب مؤسستك
signed-out = تم تسجيل خروجك.
sign-in-again = سجّل الدخول مرة أخرى لفتح الإدارة.
leave = تم تسجيل خروجك من هنا. خطوة أخرى تسجّل خروجك من كل مكان.
leave-go = تسجيل الخروج من كل مكان
sign-out = تسجيل الخروج
sign-out-everywhere = تسجيل الخروج من كل مكان
sign-out-everywhere-hint = ينهي كل جلساتك واتصالات بريدك على كل جهاز ويسحب كلمات مرور التطبيقات.
skip = الانتقال إلى المحتوى
legal = معلومات قانونية
signed-in-as = الدخول باسم { $name }
home-title = الصفحة الرئيسية
you = حسابك
addresses = العناوين
groups = المجموعات
groups-none = لست في أي مجموعة.
mail = البريد
unread = { $count ->
    [zero] لا رسائل غير مقروءة في بريدك الوارد
    [one] رسالة واحدة غير مقروءة في بريدك الوارد
    [two] رسالتان غير مقروءتين في بريدك الوارد
    [few] { $count } رسائل غير مقروءة في بريدك الوارد
    [many] { $count } رسالة غير مقروءة في بريدك الوارد
   *[other] { $count } رسالة غير مقروءة في بريدك الوارد
}
mail-none = لا بريد لحسابك هنا.
mail-unavailable = يتعذر الوصول إلى خادم بريدك الآن، فلا يُعرف عدد الرسائل غير المقروءة. بريدك في أمان: أعد المحاولة بعد بضع دقائق.
files = الملفات
files-of = ملفات { $name }
files-none = لا ملفات لحسابك هنا.
files-empty = هذا المجلد فارغ. أضف أول ملف أدناه.
files-empty-read = هذا المجلد فارغ.
files-unavailable = يتعذر الوصول إلى مخزن الملفات الآن. ملفاتك في أمان: أعد المحاولة بعد بضع دقائق.
files-path = المسار
files-more = { $count ->
    [zero] لا يُعرض أي عنصر. يعرض برنامج WebDAV الكل.
    [one] يُعرض العنصر الأول فقط. يعرض برنامج WebDAV الكل.
    [two] يُعرض العنصران الأولان فقط. يعرض برنامج WebDAV الكل.
    [few] تُعرض أول { $count } عناصر فقط. يعرض برنامج WebDAV الكل.
    [many] يُعرض أول { $count } عنصرًا فقط. يعرض برنامج WebDAV الكل.
   *[other] يُعرض أول { $count } عنصر فقط. يعرض برنامج WebDAV الكل.
}
file-name = الاسم
file-size = الحجم
file-changed = آخر تعديل
entry-folder = مجلد
size-b = { $number } بايت
size-kb = { $number } كيلوبايت
size-mb = { $number } ميغابايت
size-gb = { $number } غيغابايت
decimal-mark = .
day = { $day } { $month } { $year }
months = يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
upload = إضافة ملف
upload-send = رفع
upload-done = حُفظ { $name }.
upload-exists = يوجد { $name } من قبل. أعد تسمية الملف وأعد المحاولة.
upload-refused = لا يمكنك إضافة ملفات هنا.
upload-full = لم تبقَ مساحة. لم يتغير شيء.
upload-large = حجم { $name } أكبر مما تقبله مؤسستك. لم يتغير شيء.
upload-bad = تعذر استلام الملف. لم يتغير شيء.
spaces = المساحات
shared = مشاركة معك
shared-by = شاركه { $name }
shared-none = لم يشارك أحد ملفًا معك بعد.
search = البحث عن الملفات بالاسم
search-go = بحث
search-title = البحث
search-lead = في ملفاتك وفيما يشاركه الآخرون معك، دون اعتبار للتشكيل أو حالة الأحرف. لا يُبحث في محتوى الملفات.
search-within = في { $name } فقط
search-none = لم يُعثر على شيء بهذا الاسم.
search-bad = اكتب كلمة أو أكثر، 200 حرف على الأكثر.
search-found = { $count ->
    [zero] لا ملفات ولا مجلدات
    [one] ملف أو مجلد واحد
    [two] ملفان أو مجلدان
    [few] { $count } ملفات ومجلدات
    [many] { $count } ملفًا ومجلدًا
   *[other] { $count } ملف ومجلد
}
search-stopped-hits = هناك المزيد. أضف كلمة للتحديد.
search-stopped-size = هناك أكثر مما يمكن لبحث واحد فحصه، فليست هذه كل النتائج. ابحث في مجلد واحد.
search-stopped-time = استغرق البحث وقتًا طويلًا، فليست هذه كل النتائج. ابحث في مجلد واحد أو أعد المحاولة.
search-stopped-unavailable = يتعذر الوصول إلى هذه الملفات الآن أو هي بطيئة جدًا، فليست هذه كل النتائج: { $name }. أعد المحاولة بعد بضع دقائق.
external-mail = حسابات بريد في مكان آخر
external-mail-lead = يظهر حسابك لدى مزوّد آخر في برنامج بريدك كمجلدات تحت «External». تبقى رسائله في مكانها: تُجلب عندما تنظر إليها ولا يُحفظ منها شيء هنا.
external-mail-yours = حساباتك
external-mail-none = لم تُضف أي حساب بعد.
external-mail-add = إضافة حساب
external-mail-label = تسميته
external-mail-label-hint = اسم مجلده في برنامج بريدك، مثلًا «شخصي».
external-mail-host = خادم البريد
external-mail-host-hint = يخبرك به مزوّدك، مثلًا imap.example.org.
external-mail-protocol = نوع الخادم
external-mail-protocol-hint = في POP3 مجلد واحد هو INBOX ولا يُحفظ فيه ما قُرئ. اختر IMAP إذا كان لدى مزوّدك كلاهما.
external-mail-port = المنفذ
external-mail-tls = الحماية
external-mail-tls-implicit = TLS (عادة 993، ومع POP3 995)
external-mail-tls-starttls = STARTTLS (عادة 143، ومع POP3 110)
external-mail-tls-clear = بدون: يمكن قراءة كلمة المرور في الطريق
external-mail-login = اسم الدخول هناك
external-mail-password = كلمة المرور هناك
external-mail-password-hint = يطلب كثير من المزوّدين هنا كلمة مرور للتطبيقات. تُحفظ مختومة ولا تُعرض بعد ذلك أبدًا ولا تُستخدم إلا للوصول إلى هذا الخادم.
external-mail-try = تجربة وإضافة
external-mail-added = أُضيف { $name }: مجلداته الآن في برنامج بريدك.
external-mail-renewed = كلمة المرور الجديدة تعمل.
external-mail-state = الحالة
external-mail-works = يعمل
external-mail-renew = كلمة مرور جديدة
external-mail-renew-for = كلمة مرور جديدة لـ { $name }
external-mail-remove = إزالة
external-mail-taken = لديك حساب بهذا الاسم. اختر اسمًا آخر.
external-mail-full = لديك من الحسابات أقصى ما يمكن. أزل واحدًا أولًا.
external-mail-odd = شيء مما كتبته غير ممكن: { $name }. صحّحه وأعد المحاولة.
external-mail-back = العودة إلى الصفحة الرئيسية
external-fault-address = لا يُسمح بالوصول من هنا إلى عنوان هذا الخادم.
external-fault-port = لا يُسمح باستخدام هذا المنفذ من هنا. تستخدم خوادم البريد 993 أو 143، ومع POP3 المنفذ 995 أو 110.
external-fault-name = لا يوجد خادم بهذا الاسم. تحقق من كتابته.
external-fault-unreachable = لا يجيب الخادم أو قطع الاتصال. تحقق من الاسم والمنفذ أو أعد المحاولة لاحقًا.
external-fault-slow = لم يجب الخادم في الوقت المحدد. أعد المحاولة لاحقًا.
external-fault-certificate = شهادة الخادم لا تصلح لاسمه، فلم يُرسل إليه شيء.
external-fault-unprotected = لا يوفر الخادم الحماية المختارة، فلم تُرسل كلمة مرورك.
external-fault-password = لا يقبل الخادم اسم الدخول هذا مع كلمة المرور هذه. يطلب كثير من المزوّدين كلمة مرور للتطبيقات.
external-fault-nonsense = ما يجيب هناك لا يمكن فهمه. تحقق من نوع الخادم.
external-fault-unnumbered = لا يعطي هذا الخادم رسائله أسماء دائمة (UIDL) أو أن عددها يتجاوز 10000: لا يمكن استخدام POP3 معه.
external-fault-too-often = فشلت محاولات كثيرة في الآونة الأخيرة. انتظر عشر دقائق ثم أعد المحاولة.
external-fault-sealed = لم يعد من الممكن فتح كلمة المرور المحفوظة. أدخلها من جديد.
app-passwords = كلمات مرور التطبيقات
app-passwords-lead = لبرامج البريد والملفات التي لا تستطيع استخدام هذه الصفحة. لكل منها كلمة خاصة يمكن سحبها وحدها.
app-passwords-none = ليس لديك أي كلمة بعد. أنشئ واحدة لكل برنامج.
app-password-name = الغرض منها
app-password-scope = تتيح الوصول إلى
scope-all = كل شيء
scope-mail = البريد
scope-files = الملفات والتقاويم وجهات الاتصال
scope-all-reading = كل شيء، للقراءة فقط
scope-mail-reading = البريد، للقراءة فقط
scope-files-reading = الملفات والتقاويم وجهات الاتصال، للقراءة فقط
app-password-until = حتى (فارغ: دون نهاية)
app-password-ends = تنتهي
app-password-no-end = دون نهاية
app-password-remove-all = سحب الكل
app-password-make = إنشاء كلمة مرور تطبيق
app-password-new = كلمة مرورك الجديدة لتطبيق { $name }
app-password-once = انسخها الآن إلى برنامجك: لا تُعرض إلا هذه المرة.
app-password-remove = سحب
app-password-used = آخر استخدام
app-password-used-on = آخر استخدام: { $name }
used-never = لم تُستخدم قط
page-missing-title = غير موجود
page-missing = لا شيء في هذا العنوان، أو ليس متاحًا لك.
page-failed-title = حدث خطأ
page-failed = فشل الطلب من جهتنا وسُجّل بالرقم { $id }. ما حفظته من قبل في أمان.
page-stale-title = أعد المحاولة من فضلك
page-stale = كان هذا النموذج قديمًا جدًا أو جاء من صفحة أخرى. لم يتغير شيء. ارجع وأعد المحاولة.
back-home = الانتقال إلى الصفحة الرئيسية
admin-title = الإدارة
admin-of = إدارة { $name }
admin-done = تم الحفظ، وهو سارٍ في كل مكان.
admin-stale = لم يتغير شيء: غيّر شخص ما الإعدادات منذ فُتحت هذه الصفحة. انظر إليها أدناه وأعد المحاولة.
admin-invalid = لم يتغير شيء. لا يمكن استخدام هذه القيمة: { $name }.
admin-image-large = لم يتغير شيء. حجم الصورة 256 كيبيبايت على الأكثر.
admin-fixed = لم يتغير شيء: يحدد المشغّل هذا.
admin-fixed-hint = يحدده المشغّل.
admin-save = حفظ
admin-reset = العودة إلى الأصل
admin-look = المظهر
admin-image = ملف الصورة
admin-image-hint = PNG أو JPEG أو WebP أو GIF أو ICO أو SVG بسيط، 256 كيبيبايت على الأكثر.
admin-dark = لون آخر على الصفحات الداكنة
admin-colour-hint = يُغمَّق النص أو يُفتَّح حتى تمكن قراءته عليه وبه.
admin-texts = النصوص واللغات
admin-text-hint = نص بسيط، ويبدأ السطر الفارغ فقرة جديدة.
admin-language-first = لمن لا تناسبه أي منها
admin-language-any = الإنجليزية
admin-legal = روابط أسفل كل صفحة
admin-link-address = العنوان { $name }
admin-link-label = الرابط { $name }
admin-tools = الأدوات
admin-tools-hint = ما يُعطَّل يُعطَّل في كل مكان، حتى لمن يستخدمه الآن. لا يُحذف شيء.
admin-limits = الحدود
admin-limits-hint = 0 يعني دون حد سوى حد النظام كله.
admin-history = السجل
admin-history-none = لم يتغير شيء بعد.
admin-original = الأصل
admin-on = مفعَّل
admin-off = معطَّل
admin-undo = تراجع
admin-undo-of = التراجع عن التغيير { $name }
admin-change = التغيير { $name }
admin-by = بواسطة { $name }
setting-name = الاسم
setting-branding-colour = اللون
setting-branding-colour-dark = اللون على الصفحات الداكنة
setting-branding-logo = الشعار
setting-branding-favicon = الصورة الصغيرة لعلامات التبويب
setting-branding-sign-in = نص صفحة تسجيل الدخول
setting-branding-legal = روابط أسفل الصفحة
setting-branding-languages = اللغات
setting-tools-mail = البريد
setting-tools-files = الملفات
setting-tools-calendars = التقاويم والمهام والملاحظات
setting-tools-contacts = دفاتر العناوين
setting-tools-app-passwords = كلمات مرور التطبيقات
setting-limits-upload-mib = أكبر ملف، بالميبيبايت
setting-limits-app-password-days = أطول مدة لكلمة مرور تطبيق، بالأيام
setting-limits-connections-per-account = أقصى عدد من اتصالات البريد للحساب الواحد
language = اللغة
language-en = الإنجليزية
language-fr = الفرنسية
language-nl = الهولندية
language-de = الألمانية
language-es = الإسبانية
language-it = الإيطالية
language-pt = البرتغالية
language-ar = العربية
framed-lead = يفصل متصفحك تسجيلات الدخول في المواقع الأخرى عن هذه الصفحة. سجّل الدخول في نافذة مستقلة، وستتابع هذه الصفحة من تلقاء نفسها.
framed-open = تسجيل الدخول في نافذة جديدة
framed-done-title = تم تسجيل دخولك
framed-done = يمكنك إغلاق هذه النافذة: تتابع الصفحة التي فتحتها من تلقاء نفسها.
share = مشاركة
share-named = مشاركة { $name }
shared-by-you = ما تشاركه
shared-by-you-none = لا تشارك شيئًا بعد. افتح مجلدًا واختر «مشاركة».
shared-places = الملفات والمجلدات التي تشاركها
shared-with = مشارك مع
shared-gone = لم يعد موجودًا: لا يتعلق ما مُنح بشيء
shared-unknown = يتعذر التحقق منه الآن
sharing-of = مشاركة { $name }
sharing-all = مشاركة كل ملفاتك
sharing-with = الأشخاص والمجموعات
sharing-none = هذا غير مشارك مع أحد.
sharing-who = مع من
sharing-what = ما يُسمح لهم به
sharing-until = حتى
sharing-until-label = حتى (فارغ: دون نهاية)
sharing-no-end = دون نهاية
sharing-over = انتهى
sharing-inherited = من مجلد أعلى
sharing-settled = للمساحة كلها
sharing-take = سحب
sharing-taken = تم السحب فورًا.
sharing-kind = المشاركة مع
sharing-person = شخص
sharing-group = مجموعة
sharing-everybody = جميع أفراد المؤسسة
sharing-group-of = مجموعة { $name }
sharing-who-label = اسم الدخول أو البريد أو المجموعة
sharing-at = من
sharing-give = مشاركة
sharing-given = تمت المشاركة مع { $name }.
sharing-nobody = لا أحد بهذا الاسم هناك. تحقق من كتابته ومن المؤسسة.
sharing-gone = لم يعد هنا شيء: حُذف أو نُقل دون المرور بهذه الصفحة. يمكن سحب ما مُنح هنا أدناه.
given-read = الرؤية والقراءة
given-upload = الإيداع دون رؤية شيء
given-write = القراءة والتعديل
given-manage = كل شيء، والمشاركة مع آخرين
given-nothing = لا شيء
links = الروابط
links-count = { $count ->
    [zero] لا روابط
    [one] رابط واحد
    [two] رابطان
    [few] { $count } روابط
    [many] { $count } رابطًا
   *[other] { $count } رابط
}
links-lead = من لديه عنوان رابط لا يحتاج إلى حساب. امنحه كلمة مرور أو نهاية حيث يهم ذلك، وإذا سُحب لم يعد يقود إلى شيء فورًا.
links-none = لا يوجد رابط بعد.
link-label = تسميته
link-downloads = التنزيلات
link-downloads-most = أقصى عدد من التنزيلات (فارغ: دون حد)
link-password-optional = كلمة المرور (فارغ: بدون)
link-has-password = بكلمة مرور
link-longest = { $count ->
    [zero] لا يدوم الرابط يومًا كاملًا.
    [one] يدوم الرابط يومًا واحدًا على الأكثر.
    [two] يدوم الرابط يومين على الأكثر.
    [few] يدوم الرابط { $count } أيام على الأكثر.
    [many] يدوم الرابط { $count } يومًا على الأكثر.
   *[other] يدوم الرابط { $count } يوم على الأكثر.
}
link-make = إنشاء رابط
link-made = عنوان الرابط
link-once = انسخه الآن: لا يُعرض إلا هذه المرة ولا يمكن إلا استبداله بآخر.
link-unknown = لا يُعرف الآن هل يقود إلى شيء
link-fallen = لا يقود إلى شيء: لم يعد بإمكان { $name } الذي أنشأه مشاركة هذا
link-take = تولّي
link-taken = أصبح الرابط لك ويعمل ما دام بإمكانك مشاركة هذا.
link-remove = سحب
link-removed = سُحب الرابط فورًا.
link-odd = شيء مما كتبته غير ممكن: كلمة المرور 8 أحرف على الأقل، والنهاية في المستقبل، والاسم 80 حرفًا على الأكثر.
link-full = هنا من الروابط أقصى ما يمكن. اسحب واحدًا أولًا.
link-password = كلمة المرور مطلوبة
link-password-lead = حمى من أعطاك هذا الرابط الوصول إليه. اطلب منه كلمة المرور.
link-password-wrong = ليست هذه كلمة المرور.
link-password-go = فتح
link-download = تنزيل
link-picture = معاينة { $name }
link-upload-lead = ما تودعه هنا يراه من أعطاك الرابط، ولا يراه غيره ممن لديهم الرابط.
link-upload-file = الملف
link-ends = ينتهي هذا الرابط في { $name }.
link-feed = موجز بودكاست
link-feed-of = مشارك عبر { $name }
months-whole = يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
weekdays = الاثنين الثلاثاء الأربعاء الخميس الجمعة السبت الأحد
published-month = { $month } { $year }
published-day = { $weekday }، { $day }
published-title = تقويم
published-busy-title = أوقات الانشغال
published-busy-lead = متى فقط، لا ماذا: لا تُعرض هنا العناوين ولا الأماكن ولا الأشخاص.
published-zone = الأوقات بتوقيت { $name }.
published-months = الأشهر
published-now = هذا الشهر
published-today = اليوم
published-coming = القادم
published-in = في { $name }
published-nothing = لا شيء في هذه المدة.
published-all-day = طوال اليوم
published-more = { $count ->
    [zero] لا مزيد
    [one] واحد آخر
    [two] اثنان آخران
    [few] { $count } أخرى
    [many] { $count } أخرى
   *[other] { $count } أخرى
}
published-too-many = هناك أكثر مما تستطيع هذه الصفحة عرضه. البرامج التي تتابع التقويم لديها كل شيء.
published-busy = مشغول
published-tentative = ربما مشغول
published-untitled = بلا عنوان
published-cancelled = أُلغي
published-follow = في تقويمك الخاص
published-follow-lead = تتابع برامج التقويم هذا العنوان وتعرض ما يتغير.
published-subscribe = اشتراك
published-address = العنوان للبرامج
published-password = تطلب البرامج كلمة مرور الرابط؛ وأي اسم يصلح.
published-download = تنزيل كملف
setting-tools-links = روابط المشاركة
setting-limits-link-days = أطول مدة لرابط مشاركة، بالأيام
setting-limits-uploads-per-writer = أقصى عدد من عمليات الرفع المجزأة لشخص واحد التي تنتظر في شجرة واحدة
setting-limits-uploads-per-tree = أقصى عدد من عمليات الرفع المجزأة للآخرين التي تنتظر في شجرة واحدة
setting-limits-uploads-gib = أقصى ما يمكن أن تشغله أجزاء شخص واحد في شجرة واحدة، بالجيبيبايت
problem-not-found = لا شيء هنا، أو ليس متاحًا لك.
problem-forbidden = يمكنك رؤية هذا، لكن لا يمكنك تغييره. اسأل صاحبه.
problem-signed-out = انتهت جلستك. سجّل الدخول من جديد، ويبقى ما كتبته في هذه النافذة حتى تغلقها.
problem-too-many = هذا كثير دفعة واحدة. انتظر لحظة ثم أعد المحاولة.
problem-conflict = هذا موجود من قبل، أو غيّره شخص آخر في هذه الأثناء. انظر من جديد ثم أعد المحاولة.
problem-no-parent = لم يعد المجلد المقصود موجودًا.
problem-locked = يعمل شخص آخر عليه. أعد المحاولة عندما ينتهي.
problem-full = لم تبقَ مساحة، أو بلغ العدد أقصاه. احذف ما لم تعد بحاجة إليه.
problem-too-large = هذا أكبر من الحد المسموح به هنا.
problem-invalid = شيء مما أدخلته غير ممكن. تحقق منه وأعد المحاولة.
problem-unsupported = لا يستطيع هذا المخزن فعل ذلك.
problem-unavailable = يتعذر الوصول إلى المخزن الآن. ما حفظته في أمان: أعد المحاولة بعد بضع دقائق.
problem-unsettled = انقطع المخزن قبل أن يجيب: ربما تم الأمر. تحقق قبل إعادة المحاولة.
problem-internal = حدث خطأ من جهتنا وسُجّل. ما حفظته من قبل في أمان.
problem-external = تعذر استخدام الخادم الآخر.
problem-other-kind = جاء هذا بصيغة غير مقبولة هنا.
problem-unread = تعذرت قراءة ما أُرسل. أعد تحميل الصفحة وأعد المحاولة.
problem-nobody = لم يُعثر على أحد بهذا الاسم، أو يحمله عدة أشخاص. اكتب اسم دخول أو عنوان بريد.
backup-missing = تعذر أخذ هذا وليس في هذا الأرشيف. أنشئ أرشيفًا آخر لاحقًا.
office-needs-script = يحتاج المكتب إلى JavaScript.
office-without-script = المتابعة بدونه
problem-stale = مرّ وقت على تسجيل دخولك. للإدارة، سجّل الدخول مرة أخرى.
problem-feed = لا يمكن الوصول إلى هذا التقويم.
feed-fault-address = لا يمكن طلب هذا العنوان من هنا. يبدأ العنوان بـ ⁦https://⁩ أو ⁦webcal://⁩.
feed-fault-name = لا يوجد خادم بهذا الاسم.
feed-fault-unreachable = لا أحد يجيب على هذا العنوان.
feed-fault-slow = يستغرق الخادم وقتًا طويلًا للرد.
feed-fault-certificate = شهادة الخادم غير صالحة.
feed-fault-refused = لا يسمح الخادم لأحد بالدخول بهذا العنوان.
feed-fault-missing = لا يوجد شيء في هذا العنوان.
feed-fault-failing = يرد الخادم بخطأ.
feed-fault-too-large = التقويم كبير جدًا.
feed-fault-no-calendar = لا يوجد تقويم في هذا العنوان.
feed-fault-broken = لا يمكن قراءة التقويم.
feed-fault-sealed = لم يعد من الممكن فتح العنوان. أضف التقويم من جديد.
