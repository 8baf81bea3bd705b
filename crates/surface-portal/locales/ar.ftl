mail = البريد
files = الملفات
unread = { $count ->
    [zero] لا رسائل غير مقروءة
    [one] رسالة واحدة غير مقروءة
    [two] رسالتان غير مقروءتين
    [few] { $count } رسائل غير مقروءة
    [many] { $count } رسالة غير مقروءة
   *[other] { $count } رسالة غير مقروءة
}
total = { $count ->
    [zero] لا رسائل في البريد الوارد
    [one] رسالة واحدة في البريد الوارد
    [two] رسالتان في البريد الوارد
    [few] { $count } رسائل في البريد الوارد
    [many] { $count } رسالة في البريد الوارد
   *[other] { $count } رسالة في البريد الوارد
}
from = من
new = غير مقروءة
no-subject = (بلا موضوع)
feed-title = بريد { $login }، { $name }
room = استُخدم { $used } من { $limit }
room-used = استُخدم { $used }
day = { $day }/{ $month }/{ $year }
decimal-mark = .
size-b = { $number } بايت
size-kb = { $number } كيلوبايت
size-mb = { $number } ميغابايت
size-gb = { $number } غيغابايت
size-tb = { $number } تيرابايت
unreadable = { $count ->
    [zero] لا رسائل يتعذر عرضها هنا
    [one] رسالة واحدة يتعذر عرضها هنا
    [two] رسالتان يتعذر عرضهما هنا
    [few] { $count } رسائل يتعذر عرضها هنا
    [many] { $count } رسالة يتعذر عرضها هنا
   *[other] { $count } رسالة يتعذر عرضها هنا
}
cause-mail-unavailable = لا يجيب خادم البريد. رسائلك في أمان، أعد المحاولة لاحقًا.
cause-mail-unsupported = لا يفتح تسجيل الدخول هذا البريد: افتح بريدك لتسجيل الدخول هناك.
cause-mail-refused = لا يقبل خادم البريد تسجيل الدخول هذا.
cause-mail-missing = لا يوجد صندوق بريد لك بعد.
cause-files-unavailable = لا يجيب خادم الملفات. ملفاتك في أمان، أعد المحاولة لاحقًا.
cause-files-refused = لا يمكن فتح ملفاتك بتسجيل الدخول هذا.
cause-directory-unavailable = لا يجيب الدليل: لا يمكن لأحد أن يقول من أنت الآن. أعد المحاولة لاحقًا.
cause-sign-on-unavailable = لا يجيب خادم تسجيل الدخول. أعد المحاولة لاحقًا.
cause-sign-on-refused = لم يعد تسجيل الدخول هذا ساريًا. سجّل الدخول من جديد.
cause-sign-on-unknown = تم التحقق من هويتك، لكنك غير معروف هنا. اسأل مكتب الدعم.
cause-sign-on-unsupported = لا يُقبل شيء من هذا النوع هنا.
cause-sign-on-missing = ليس هذا العنوان من عناوين المؤسسة.
cause-sign-on-invalid = يلزم واحد من ticket وjwt.
cause-gateway-unavailable = هذه الخدمة غير متاحة الآن. أعد المحاولة لاحقًا.
cause-unavailable = شيء خلف هذه الخدمة لا يجيب. أعد المحاولة لاحقًا.
cause-internal = في هذه الخدمة خلل وقد سُجّل.
cause-refused = هذا مرفوض.
cause-failed = لا يمكن عرض هذا الآن.
