# البريد.
mailbox-inbox = البريد الوارد
mailbox-flagged = المميّزة بنجمة
mailbox-drafts = المسودات
mailbox-sent = المرسلة
mailbox-archive = الأرشيف
mailbox-junk = غير المرغوب فيه
mailbox-trash = المهملات
mail-answered = تم الرد
mail-archive = أرشفة
mail-attach = إرفاق ملفات
mail-attachment = مرفق
mail-attachments = المرفقات
mail-back = العودة إلى القائمة
mail-bcc = نسخة مخفية
mail-bold = غامق
mail-cc = نسخة
mail-cc-bcc = نسخة ونسخة مخفية
mail-choose = اختر رسالة لقراءتها
mail-choose-hint = المفتاحان J وK للتنقل في القائمة، و؟ لعرض كل المفاتيح.
mail-close-anyway = إغلاق وفقدان النص
mail-close-unsaved = لم يُحفظ كل ما كتبته بعد. هل تريد إغلاق الرسالة رغم ذلك؟
mail-compose = رسالة جديدة
mail-date = التاريخ
mail-delete = حذف
mail-detach = إزالة { $name }
mail-details = التفاصيل
mail-discard = حذف المسودة
mail-download = تنزيل { $name }
mail-download-this = تنزيل
mail-draft-failed = لم تُحفظ بعد: نصك محفوظ هنا وسنعيد المحاولة
mail-draft-saved = حُفظت المسودة
mail-draft-saving = جارٍ الحفظ…
mail-empty = لا شيء هنا
mail-empty-hint = ستظهر الرسائل هنا عند وصولها.
mail-failed = لا يمكن الوصول إلى بريدك حاليًا.
mail-failed-safe = لم يُفقد شيء: رسائلك على خادم جامعتك.
mail-flag = تمييز بنجمة
mail-flagged = مميّزة
mail-format = التنسيق
mail-forward = إعادة توجيه
mail-make-task = إنشاء مهمة
mail-forward-line = رسالة معاد توجيهها من { $name }، { $date }:
mail-found = نتائج: { $words }
mail-found-none = لم يُعثر على أي رسالة
mail-from = من
mail-has-attachment = مع مرفق
mail-italic = مائل
mail-junk = غير مرغوب فيها
mail-list = قائمة
mail-list-width = عرض القائمة
mail-look-at = عرض { $name }
mail-mailboxes = المجلدات
mail-mark-unread = وضع علامة غير مقروءة
mail-message-failed = تعذّر تحميل هذه الرسالة.
mail-messages = الرسائل
mail-more = المزيد
mail-move = نقل
mail-next = الرسالة التالية
mail-no-address = هذا ليس عنوانًا.
mail-no-identity = ليس لديك هنا عنوان للإرسال منه.
mail-no-mailbox = لا يوجد صندوق بريد
mail-no-subject = (بلا موضوع)
mail-nobody = (لا أحد)
mail-nobody-to = حدّد مستلمًا.
mail-not-sent = لم تُرسل الرسالة. ما زالت هنا.
mail-open = فتح
mail-previous = الرسالة السابقة
mail-print = طباعة
mail-quote = اقتباس
mail-quote-line = في { $date } كتب { $name }:
mail-quoted = نص مقتبس
mail-reading = القراءة
mail-refused = لم يُنفَّذ ذلك: كل شيء كما كان.
mail-destroy = حذف نهائي
mail-destroy-hint = ما يُحذف من المهملات لا يمكن استعادته.
mail-some-kept = تعذّر حذف كل شيء: ما تبقّى لا يزال هنا.
mail-account-away = لا يمكن الوصول إلى هذا البريد حاليًا.
mail-thread-failed = تعذّر تحميل هذه المحادثة كاملةً.
mail-remote-show = عرض الصور
mail-remove-recipient = إزالة { $name }
mail-reply = رد
mail-reply-all = رد على الكل
mail-save = حفظ كملف
mail-search-hint = جرّب كلمات أقل، أو from: وto: وsubject: وhas:attachment وbefore:2026-01-31 وis:unread.
mail-seen = مقروءة أو غير مقروءة
mail-select = تحديد
mail-select-none = إلغاء التحديد
mail-send = إرسال
mail-sending = الرسالة في طريقها
mail-sent = أُرسلت الرسالة
mail-sent-unknown = لا يُعرف هل أُرسلت الرسالة: انظر في المرسَل قبل أن ترسلها مرة أخرى.
mail-source = عرض المصدر
mail-still-uploading = ما زال ملف قيد الإرفاق.
mail-subject = الموضوع
mail-text = نص الرسالة
mail-to = إلى
mail-to-short = إلى { $names }
mail-underline = تسطير
mail-unread = غير مقروءة
mail-upload-failed = تعذّر إرفاق ملف.
mail-upload-gone = لم يعد أحد الملفات موجودًا: أزله أو أرفقه من جديد. ما حُفظ من قبل باقٍ.
mail-full = صندوق بريدك ممتلئ: لا يمكن حفظ المزيد. ما كتبته يبقى هنا. احذف الرسائل الكبيرة وأفرغ سلة المهملات ثم تابع.
mail-write-on = متابعة الكتابة
mail-conversations = محادثات
mail-list-options = خيارات القائمة
mail-me = أنا
mail-suggest-group = مجموعة
mail-suggest-recent = راسلته من قبل
mail-role-student = طالب
mail-role-faculty = هيئة التدريس والبحث
mail-role-teacher = تدريس
mail-role-researcher = بحث
mail-role-staff = إدارة وخدمات
mail-role-employee = موظف
mail-role-emeritus = أستاذ فخري
mail-role-retired = متقاعد
mail-role-alum = خريج
mail-suggest-none = لا اقتراحات
mail-import = استيراد رسائل…
mail-import-of = استيراد إلى { $mailbox }
mail-import-stop = إيقاف
mail-import-stopped = أُوقف. ما استُورد باقٍ، وما هو موجود لا يُستورد مرة أخرى.
mail-import-done = انتهى.
mail-import-away = لا يمكن الوصول إلى بريدك. لن يُستورد شيء مرتين عند إعادة المحاولة.
mail-import-large = { $name }: الرسالة { $number } أكبر مما يقبله بريدك.
mail-import-refused = { $name }: لم تُقبل الرسالة { $number } ({ $why }).
mail-import-unknown = { $name }: لا يُعرف هل استُوردت الرسالة { $number }. ليس لها Message-ID ولن تُعاد المحاولة.
mail-import-drop = أفلت ملفات .eml أو mbox هنا لاستيرادها
mail-export = تصدير هذا المجلد (mbox)
mail-export-selected = تصدير المحدّد (mbox)
mail-export-failed = تعذّر تصدير الرسائل.
mail-export-many = هذا كثير دفعة واحدة: صدّر المجلد أو حدّد أقل.
mail-export-gone = بعض هذه الرسائل لم يعد موجودًا، فلم يُصدَّر شيء. حدّد من جديد مما هو في القائمة الآن.
mail-archived = { $count ->
    [zero] تمت أرشفة لا رسائل
    [one] تمت أرشفة رسالة واحدة
    [two] تمت أرشفة رسالتان
    [few] تمت أرشفة { $count } رسائل
    [many] تمت أرشفة { $count } رسالة
   *[other] تمت أرشفة { $count } رسالة
}
mail-deleted = { $count ->
    [zero] تم حذف لا رسائل
    [one] تم حذف رسالة واحدة
    [two] تم حذف رسالتان
    [few] تم حذف { $count } رسائل
    [many] تم حذف { $count } رسالة
   *[other] تم حذف { $count } رسالة
}
mail-junked = { $count ->
    [zero] وُضع ضمن غير المرغوب فيه: لا رسائل
    [one] وُضع ضمن غير المرغوب فيه: رسالة واحدة
    [two] وُضع ضمن غير المرغوب فيه: رسالتان
    [few] وُضع ضمن غير المرغوب فيه: { $count } رسائل
    [many] وُضع ضمن غير المرغوب فيه: { $count } رسالة
   *[other] وُضع ضمن غير المرغوب فيه: { $count } رسالة
}
mail-moved = { $count ->
    [zero] نُقل إلى { $mailbox }: لا رسائل
    [one] نُقل إلى { $mailbox }: رسالة واحدة
    [two] نُقل إلى { $mailbox }: رسالتان
    [few] نُقل إلى { $mailbox }: { $count } رسائل
    [many] نُقل إلى { $mailbox }: { $count } رسالة
   *[other] نُقل إلى { $mailbox }: { $count } رسالة
}
mail-count = { $count ->
    [zero] لا رسائل
    [one] رسالة واحدة
    [two] رسالتان
    [few] { $count } رسائل
    [many] { $count } رسالة
   *[other] { $count } رسالة
}
mail-conversation = { $count ->
    [zero] في هذه المحادثة: لا رسائل
    [one] في هذه المحادثة: رسالة واحدة
    [two] في هذه المحادثة: رسالتان
    [few] في هذه المحادثة: { $count } رسائل
    [many] في هذه المحادثة: { $count } رسالة
   *[other] في هذه المحادثة: { $count } رسالة
}
mail-selected = { $count ->
    [zero] تم تحديد لا رسائل
    [one] تم تحديد رسالة واحدة
    [two] تم تحديد رسالتان
    [few] تم تحديد { $count } رسائل
    [many] تم تحديد { $count } رسالة
   *[other] تم تحديد { $count } رسالة
}
mail-unread-count = { $count ->
    [zero] غير مقروء: لا رسائل
    [one] غير مقروء: رسالة واحدة
    [two] غير مقروء: رسالتان
    [few] غير مقروء: { $count } رسائل
    [many] غير مقروء: { $count } رسالة
   *[other] غير مقروء: { $count } رسالة
}
mail-drafts-count = { $count ->
    [zero] المسودات: لا مسودات
    [one] المسودات: مسودة واحدة
    [two] المسودات: مسودتان
    [few] المسودات: { $count } مسودات
    [many] المسودات: { $count } مسودة
   *[other] المسودات: { $count } مسودة
}
mail-remote-blocked = { $count ->
    [zero] صور خارجية محجوبة لحماية خصوصيتك: لا صور
    [one] صور خارجية محجوبة لحماية خصوصيتك: صورة واحدة
    [two] صور خارجية محجوبة لحماية خصوصيتك: صورتان
    [few] صور خارجية محجوبة لحماية خصوصيتك: { $count } صور
    [many] صور خارجية محجوبة لحماية خصوصيتك: { $count } صورة
   *[other] صور خارجية محجوبة لحماية خصوصيتك: { $count } صورة
}
mail-conversation-count = { $count ->
    [zero] لا محادثات
    [one] محادثة واحدة
    [two] محادثتان
    [few] { $count } محادثات
    [many] { $count } محادثة
   *[other] { $count } محادثة
}
mail-suggest-found = { $count ->
    [zero] لا اقتراحات
    [one] اقتراح واحد
    [two] اقتراحان
    [few] { $count } اقتراحات
    [many] { $count } اقتراحًا
   *[other] { $count } اقتراح
}
mail-import-count = { $count ->
    [zero] استُورد: لا رسائل
    [one] استُورد: رسالة واحدة
    [two] استُورد: رسالتان
    [few] استُورد: { $count } رسائل
    [many] استُورد: { $count } رسالة
   *[other] استُورد: { $count } رسالة
}
mail-import-there = { $count ->
    [zero] موجود من قبل: لا شيء
    [one] موجود من قبل: رسالة واحدة
    [two] موجود من قبل: رسالتان
    [few] موجود من قبل: { $count } رسائل
    [many] موجود من قبل: { $count } رسالة
   *[other] موجود من قبل: { $count } رسالة
}
mail-new = { $count ->
    [zero] لا رسائل جديدة
    [one] رسالة جديدة واحدة
    [two] رسالتان جديدتان
    [few] { $count } رسائل جديدة
    [many] { $count } رسالة جديدة
   *[other] { $count } رسالة جديدة
}
