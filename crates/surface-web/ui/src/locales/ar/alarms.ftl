alarms = التذكيرات
alarms-said = تذكير: { $what }
alarms-later = لاحقًا
alarms-later-of = لاحقًا: { $name }
alarms-done = تم
alarms-done-of = تم: { $name }
alarms-until-start = حتى يبدأ
alarms-untitled = شيء بلا عنوان
alarms-due = الموعد النهائي: { $time }
alarms-go = الانتقال إلى التذكيرات
alarms-more = { $count ->
    [one] وواحد آخر
    [two] واثنان آخران
    [few] و{ $count } أخرى
   *[other] و{ $count } أخرى
}
