exchange-import = استيراد ملف
exchange-file = الملف
exchange-hint-calendars = تقويم صدّره برنامج آخر: iCalendar (.ics) أو vCalendar (.vcs).
exchange-hint-contacts = جهات اتصال صدّرها برنامج آخر: بطاقات vCard (.vcf) أو LDIF أو جدول (.csv) من Thunderbird أو Outlook أو Google.
exchange-most = { $size } م.ب. على الأكثر.
exchange-into = إلى
exchange-duplicates = ما هو موجود مسبقًا
exchange-skip = يبقى كما هو
exchange-replace = يُستبدل
exchange-both = يُحتفظ بكليهما
exchange-looking = يجري فحص الملف…
exchange-writing = يجري الاستيراد…
exchange-done = استُورد إلى { $name }.
exchange-would = قُرئ على أنه { $format }. لم يُستورد شيء بعد.
exchange-nothing = كل ما يمكن أن يدخل موجود مسبقًا.
exchange-format-icalendar = iCalendar
exchange-format-vcard = بطاقات vCard
exchange-format-ldif = LDIF
exchange-format-csv = جدول
exchange-new = جديد
exchange-replaced = سيُستبدل
exchange-same = موجود كما هو
exchange-skipped = موجود ويبقى كما هو
exchange-failed = لا يمكن إدخاله
exchange-new-done = جديد
exchange-replaced-done = استُبدل
exchange-same-done = موجود كما هو
exchange-skipped-done = كان موجودًا وبقي كما كان
exchange-failed-done = لم يُستورد
exchange-rows = مدخلًا مدخلًا
exchange-line = السطر
exchange-entry = المدخل
exchange-outcome = ما يصير إليه
exchange-nameless = (بلا اسم)
exchange-more = هناك أكثر مما هو مذكور هنا.
exchange-another = ملف آخر
exchange-large = الملف أكبر من { $size } م.ب. صدّره على أجزاء.
exchange-safe = لم يُستورد شيء.
exchange-safe-half = ما دخل من قبل يبقى. محاولة أخرى تُدخل الباقي ولا تكرّر شيئًا.
exchange-unread = لا يمكن استيراد هذا الملف هنا.
exchange-gone = لم يعد هذا موجودًا.
exchange-away = لا يمكن الوصول إلى هذا الآن.
exchange-go = { $count ->
    [one] استيراد مدخل واحد
    [two] استيراد مدخلين
    [few] استيراد { $count } مدخلات
    [many] استيراد { $count } مدخلًا
   *[other] استيراد { $count } مدخل
}
