tasks-lists = قوائم المهام
tasks-task = مهمة
tasks-view-today = اليوم
tasks-view-planned = المخطط لها
tasks-view-all = الكل
tasks-late = متأخرة
tasks-today = اليوم
tasks-tomorrow = غدًا
tasks-late-since = متأخرة: { $day }
tasks-from = ابتداءً من { $day }
tasks-new = مهمة جديدة
tasks-new-hint = ما الذي يجب فعله؟
tasks-add = إضافة
tasks-add-part = إضافة مهمة فرعية
tasks-no-part = ليست مهمة فرعية
tasks-part-of = جزء من: { $title }
tasks-untitled = بدون عنوان
tasks-private = مهمة خاصة
tasks-tick = أُنجزت: { $title }
tasks-actions = ما يمكن فعله مع { $title }
tasks-repeats = تتكرر
tasks-count = { $count ->
    [zero] لا مهام
    [one] مهمة واحدة
    [two] مهمتان
    [few] { $count } مهام
   *[other] { $count } مهمة
}
tasks-finished = المنتهية: { $count }
tasks-show-more = عرض المزيد ({ $count })
tasks-sort = ترتيب
tasks-sort-due = حسب اليوم
tasks-sort-priority = حسب الأولوية
tasks-sort-title = حسب العنوان
tasks-found = نتائج: { $words }
tasks-found-none = لا توجد مهمة بهذه الكلمات
tasks-none = لا توجد قائمة مهام بعد
tasks-none-hint = أنشئ قائمة، أو اطلب من أحدهم مشاركة قائمته معك.
tasks-nothing = لم يبق ما يجب فعله
tasks-nothing-today = لا شيء مستحق اليوم
tasks-nothing-planned = لا توجد مهمة لها تاريخ
tasks-nothing-hint = اكتب ما يجب فعله في السطر أعلاه ثم اضغط Enter.
tasks-next = المهمة التالية
tasks-previous = المهمة السابقة
tasks-key-done = منجزة، أو للإنجاز من جديد
tasks-key-in = جعلها مهمة فرعية للسابقة
tasks-key-out = إخراجها مستوى واحدًا
tasks-move-under = جعلها مهمة فرعية من { $title }
tasks-move-out = إخراجها
tasks-move-to = نقل إلى { $list }
tasks-remove = حذف
tasks-back = العودة إلى القائمة
tasks-made = أُضيفت { $title }.
tasks-changed = عُدّلت { $title }.
tasks-done = أُنجزت { $title }.
tasks-done-with = { $count ->
    [one] أُنجزت { $title } مع مهمة فرعية واحدة.
    [two] أُنجزت { $title } مع مهمتين فرعيتين.
    [few] أُنجزت { $title } مع { $count } مهام فرعية.
   *[other] أُنجزت { $title } مع { $count } مهمة فرعية.
}
tasks-done-again = أُنجزت { $title } وستعود.
tasks-reopened = { $title } للإنجاز من جديد.
tasks-removed = حُذفت { $title }.
tasks-removed-with = { $count ->
    [one] حُذفت { $title } مع مهمة فرعية واحدة.
    [two] حُذفت { $title } مع مهمتين فرعيتين.
    [few] حُذفت { $title } مع { $count } مهام فرعية.
   *[other] حُذفت { $title } مع { $count } مهمة فرعية.
}
tasks-moved = أصبحت { $title } في { $list }.
tasks-moved-under = أصبحت { $title } جزءًا من { $parent }.
tasks-moved-out = لم تعد { $title } مهمة فرعية.
tasks-kept = ما كتبته في { $title } محفوظ هنا: افتحها مجددًا لحفظه.
tasks-title = العنوان
tasks-progress = الحالة
tasks-progress-needs-action = للإنجاز
tasks-progress-in-process = قيد الإنجاز
tasks-progress-completed = منجزة
tasks-progress-cancelled = ملغاة
tasks-progress-failed = فاشلة
tasks-percent = الإنجاز (%)
tasks-start = تبدأ
tasks-due = موعد الاستحقاق
tasks-when = الموعد
tasks-timed = مع وقت محدد
tasks-alarm-due = عند الاستحقاق
tasks-priority = الأولوية
tasks-priority-none = بدون
tasks-priority-high = عالية
tasks-priority-middle = متوسطة
tasks-priority-low = منخفضة
tasks-in = القائمة
tasks-parent = مهمة فرعية من
tasks-parent-none = لا مهمة أخرى
tasks-parent-away = مهمة غير موجودة هنا
tasks-keywords = الكلمات المفتاحية
tasks-keywords-hint = تفصل بينها فواصل
tasks-description = ملاحظات
tasks-save = حفظ
tasks-discard = تجاهل
tasks-message = الرسالة التي جاءت منها
tasks-message-gone = لم تعد الرسالة موجودة.
tasks-clash = في هذه الأثناء غيّر برنامج آخر: { $what }. ما كتبته لم يُحفظ بعد.
tasks-clash-theirs = اعتماد الآخر
tasks-clash-mine = الاحتفاظ بما كتبت
tasks-wrong-title = للمهمة عنوان.
tasks-wrong-times = يجب أن يكون الاستحقاق بعد البداية.
tasks-wrong-repeat = ما يتكرر يحتاج إلى بداية.
tasks-share = مشاركة
tasks-rename = الاسم واللون
tasks-export = تصدير (‎.ics)
tasks-new-list = قائمة جديدة
tasks-change-list = تعديل { $name }
tasks-list-name = الاسم
tasks-list-colour = اللون
tasks-list-gone = حُذفت القائمة { $name } مع مهامها.
tasks-problem-away = تعذّر الوصول إلى خادم المهام الآن. قد يكون المعروض قديمًا.
tasks-problem-forbidden = يمكنك رؤية هذا، لا تعديله.
tasks-problem-gone = لم يعد هذا موجودًا.
tasks-problem-full = لم تعد هناك مساحة.
tasks-problem-large = هذا أكبر مما يُقبل هنا.
tasks-problem-refused = خادم المهام لا يقبل هذا بهذا الشكل.
tasks-problem-taken = هذا موجود هناك بالفعل.
tasks-problem-clash = غيّر برنامج آخر هذا في هذه الأثناء.
tasks-problem-repeats = تتكرر بطريقة لا يمكن اتباعها هنا. لإنهائها كلها افتحها واختر «منجزة».
tasks-problem-events = تحتوي على أحداث أيضًا: احذفها من التقويم.
