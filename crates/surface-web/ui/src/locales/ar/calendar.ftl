calendar-calendars = التقويمات
calendar-new = حدث جديد
calendar-event = حدث
calendar-today = اليوم
calendar-previous = السابق
calendar-next = التالي
calendar-views = طرق العرض
calendar-view-day = يوم
calendar-view-week = أسبوع
calendar-view-month = شهر
calendar-view-list = قائمة
calendar-hours = ساعات اليوم
calendar-add-day = حدث جديد في { $day }
calendar-busy = مشغول
calendar-more = { $count } أخرى
calendar-all-day = طوال اليوم
calendar-nothing = لا شيء في هذه الأيام
calendar-none = لا يوجد تقويم بعد
calendar-none-hint = أنشئ تقويماً، أو اطلب من أحد أن يشارك تقويمه معك.
calendar-new-calendar = تقويم جديد
calendar-name = الاسم
calendar-colour = اللون
calendar-default = تصل الدعوات إلى هذا التقويم
calendar-save = حفظ
calendar-title = العنوان
calendar-from = من
calendar-to = إلى
calendar-every = التكرار
calendar-once = أبداً
calendar-daily = كل يوم
calendar-weekly = كل أسبوع
calendar-monthly = كل شهر
calendar-yearly = كل سنة
calendar-in = التقويم
calendar-place = المكان
calendar-description = الوصف
calendar-wrong-times = ينتهي قبل أن يبدأ.
calendar-which = يتكرر هذا الحدث. أي مرة تقصد؟
calendar-this-time = هذه المرة فقط
calendar-following = هذه المرة وكل ما يليها
calendar-all-times = كل المرات
calendar-import = استيراد ملف
calendar-export = تصدير (.ics)
calendar-remove = حذف
calendar-made = أُضيف { $title } إلى التقويم.
calendar-changed = تم تعديل { $title }.
calendar-removed = تم حذف { $title }.
calendar-problem-away = تعذّر الوصول إلى خادم التقويم الآن. قد يكون المعروض قديماً.
calendar-problem-forbidden = يمكنك رؤية هذا، لا تعديله.
calendar-problem-gone = لم يعد هذا موجوداً.
calendar-problem-full = لم تعد هناك مساحة.
calendar-problem-large = هذا أكبر مما يُقبل هنا.
calendar-problem-refused = خادم التقويم لا يقبل هذا بهذا الشكل.
calendar-problem-no-rule = لا توجد قاعدة تعبّر عنه ابتداءً من هذا الموعد. اختر هذا الموعد فقط أو كل المواعيد.
calendar-problem-not-ended = تعذّر إنهاء الجزء السابق، فلم يتغيّر شيء.
calendar-problem-doubled = تعذّر إنهاء الجزء السابق، وما تغيّر موجود إلى جانبه. احذف أحدهما.
calendar-interval-daily = كل … أيام
calendar-interval-weekly = كل … أسابيع
calendar-interval-monthly = كل … أشهر
calendar-interval-yearly = كل … سنوات
calendar-ends = ينتهي
calendar-ends-never = أبدًا
calendar-ends-day = في يوم محدد
calendar-ends-count = بعد عدد من المرات
calendar-last-day = اليوم الأخير
calendar-count = عدد المرات
calendar-days = في هذه الأيام
calendar-rule-kept = كما كتبه برنامج آخر
calendar-rule-on = أيام { $days }
calendar-rule-until = حتى { $day }
calendar-alarm = تذكير
calendar-alarm-none = بلا تذكير
calendar-alarm-start = عند البداية
calendar-alarm-before = قبل { $time }
calendar-alarm-kept = كما كتبه برنامج آخر
calendar-private = خاص: لا يرى الآخرون إلا أنك مشغول
calendar-only = إظهار هذا فقط
calendar-share = مشاركة
calendar-rename = الاسم واللون
calendar-change = تغيير { $name }
calendar-actions = إجراءات { $name }
calendar-gone = حُذف التقويم { $name } مع أحداثه.
calendar-print = طباعة
calendar-keys-move = نقل الحدث
calendar-keys-stretch = إطالة الحدث أو تقصيره
calendar-rule-daily = { $count ->
    [one] كل يوم
    [two] كل يومين
    [few] كل { $count } أيام
   *[other] كل { $count } يومًا
}
calendar-rule-weekly = { $count ->
    [one] كل أسبوع
    [two] كل أسبوعين
    [few] كل { $count } أسابيع
   *[other] كل { $count } أسبوعًا
}
calendar-rule-monthly = { $count ->
    [one] كل شهر
    [two] كل شهرين
    [few] كل { $count } أشهر
   *[other] كل { $count } شهرًا
}
calendar-rule-yearly = { $count ->
    [one] كل سنة
    [two] كل سنتين
    [few] كل { $count } سنوات
   *[other] كل { $count } سنة
}
calendar-rule-times = { $count ->
    [one] مرة واحدة
    [two] مرتين
    [few] { $count } مرات
   *[other] { $count } مرة
}
calendar-problem-taken = هذا موجود هناك بالفعل.
calendar-colleagues = أوقات الزملاء
calendar-colleague-add = إظهار أوقات زميل
calendar-colleague-hint = ترى متى يكون الشخص مشغولًا، ولا ترى بماذا. ولا يُخبَر بذلك.
calendar-colleague-sharing = هؤلاء يشاركونك أوقات انشغالهم
calendar-colleague-remove = إخفاء { $name } من القائمة
calendar-colleague-untold = أوقات هذا الشخص غير متاحة لك.
calendar-colleague-away = يتعذر الآن الاستعلام عن أوقات هذا الشخص.
calendar-colleague-busy = { $name }: مشغول، { $time }
calendar-colleague-on = { $name } مشغول في هذا اليوم
calendar-colleagues-most = يُعرض عشرة أشخاص على الأكثر.
calendar-follow = إضافة تقويم من عنوانه
calendar-follow-short = إضافة من عنوان
calendar-address = العنوان
calendar-address-hint = عنوان ملف ⁦.ics⁩ يبدأ بـ ⁦https://⁩ أو ⁦webcal://⁩. يُقرأ هنا مرة بعد مرة ولا يُعدَّل أبدًا.
calendar-follow-name = الاسم (اختياري)
calendar-follow-name-hint = إذا تُرك فارغًا، يُسمى كما يسميه ناشره.
calendar-follow-reading = جارٍ قراءة التقويم …
calendar-follow-do = إضافة
calendar-followed-already = أنت تتابع هذا التقويم بالفعل.
calendar-from-host = من { $host }
calendar-timetable = جدول الدروس
calendar-away-since = تعذر الوصول إليه منذ { $moment }. { $fault }
calendar-left-out = تتعذر قراءة جزء منه:
calendar-makes-busy = أحداثه تجعلني مشغولًا
calendar-unfollowed = لم تعد تتابع { $name }.
calendar-put-away = موضوعة جانبًا
calendar-show-again = إظهار
calendar-show-again-named = إظهار { $name } من جديد
