contacts-books = دفاتر العناوين
contacts-all = كل جهات الاتصال
contacts-directory = الدليل
contacts-directory-empty = عمّن تبحث؟
contacts-directory-hint = لا يسرد الدليل أحدًا. اكتب أعلاه حرفين على الأقل من الاسم.
contacts-new = جهة اتصال جديدة
contacts-new-group = مجموعة جديدة
contacts-new-book = دفتر عناوين جديد
contacts-book-name = الاسم
contacts-rename = إعادة التسمية
contacts-rename-of = إعادة تسمية { $name }
contacts-share = مشاركة
contacts-actions = إجراءات { $name }
contacts-import = استيراد ملف
contacts-export-vcard = تصدير كبطاقات vCard
contacts-export-google = تصدير لـ Google
contacts-export-outlook = تصدير لـ Outlook
contacts-remove = حذف
contacts-book-gone = حُذف دفتر العناوين { $name } مع بطاقاته.
contacts-search = البحث في جهات الاتصال والدليل
contacts-found = نتائج: { $words }
contacts-found-none = لم يُعثر على أحد
contacts-found-hint = جرى البحث في دفاترك وما شورك معك وفي الدليل. لا أهمية للتشكيل وحالة الأحرف.
contacts-too-many = كثيرون في الدليل يحملون هذا الاسم. اكتب المزيد منه.
contacts-none = لا جهات اتصال هنا بعد
contacts-none-hint = اكتب بطاقة أو انسخ أشخاصًا من الدليل.
contacts-card = البطاقة
contacts-choose = اختر جهة اتصال
contacts-back = العودة إلى القائمة
contacts-write = كتابة رسالة
contacts-write-all = الكتابة إلى الجميع
contacts-edit = تغيير
contacts-more = إجراءات أخرى
contacts-move-to = نقل إلى { $book }
contacts-copy-to = نسخ إلى { $book }
contacts-moved = أصبح { $name } في { $book }.
contacts-copied = نُسخ { $name } إلى { $book }.
contacts-removed = حُذف { $name }.
contacts-made = أُضيف { $name } إلى { $book }.
contacts-changed = تم تغيير { $name }.
contacts-print = طباعة
contacts-mail = البريد
contacts-mails = عناوين البريد
contacts-add-mail = إضافة عنوان بريد
contacts-phone = الهاتف
contacts-phones = أرقام الهاتف
contacts-add-phone = إضافة رقم هاتف
contacts-address = العنوان
contacts-addresses = العناوين البريدية
contacts-add-address = إضافة عنوان بريدي
contacts-street = الشارع والرقم
contacts-postcode = الرمز البريدي
contacts-locality = المدينة
contacts-country = البلد
contacts-where = المكان
contacts-work = العمل
contacts-private = خاص
contacts-mobile = محمول
contacts-other = آخر
contacts-take-away = إزالة
contacts-birthday = تاريخ الميلاد
contacts-link = الصفحة
contacts-note = ملاحظة
contacts-given = الاسم الأول
contacts-surname = اسم العائلة
contacts-full = الاسم المعروض
contacts-organization = المؤسسة
contacts-unit = القسم
contacts-title = الوظيفة
contacts-in = دفتر العناوين
contacts-save = حفظ
contacts-nameless = أدخل اسمًا أو مؤسسة أو عنوان بريد.
contacts-group-name = اسم المجموعة
contacts-members = الأعضاء
contacts-members-none = لا أحد ممن ترى بطاقاتهم.
contacts-groups = المجموعات
contacts-problem-away = لا يمكن الوصول إلى دفاتر العناوين الآن. قد يكون المعروض قديمًا.
contacts-problem-forbidden = يمكنك رؤية هذا دون تغييره.
contacts-problem-gone = لم يعد هذا موجودًا.
contacts-problem-full = لم تبق مساحة.
contacts-problem-large = هذا أكبر مما يُقبل هنا.
contacts-problem-refused = لا يقبل دفتر العناوين هذا بهذه الصورة.
contacts-problem-taken = هذه البطاقة موجودة هناك بالفعل.
contacts-count = { $count ->
    [one] جهة اتصال واحدة
    [two] جهتا اتصال
    [few] { $count } جهات اتصال
   *[other] { $count } جهة اتصال
}
contacts-members-count = { $count ->
    [one] عضو واحد
    [two] عضوان
    [few] { $count } أعضاء
   *[other] { $count } عضوًا
}
