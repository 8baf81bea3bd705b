// A notification of the browser, where whoever reads has allowed it: by the settings alone, never before.

/** Whether the browser lets this office tell something. */
export const mayTell = (): boolean => "Notification" in globalThis && Notification.permission === "granted";

/** Tells it: by the worker where there is one, since phones show no others. */
export async function tell(title: string, options: NotificationOptions): Promise<void> {
  const worker = await navigator.serviceWorker?.getRegistration().catch(() => undefined);
  if (worker?.active) return worker.showNotification(title, options);
  new Notification(title, options).onclick = () => focus();
}
