import { ApplicationRef, Component, inject, provideZoneChangeDetection, signal } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";

declare const CookieProvider: new (
  name: string,
  url: string,
) => {
  loadCookie(): Promise<{ value: string | null }>;
  saveCookie(value: string): Promise<{ saved: boolean }>;
};

const provider = new CookieProvider("chat-session", "https://bridge.example/iframe.html");

@Component({
  selector: "app-root",
  template: `
    <output id="session">{{ session() }}</output>
    <button type="button" id="save" (click)="save()">Save</button>
    <output id="saved">{{ isSaved() ? "saved" : "" }}</output>
  `,
})
class App {
  session = signal<string | null>(null);
  isSaved = signal(false);

  constructor() {
    // As long as it is not, Angular registers no service worker, and a server does not finish the page.
    inject(ApplicationRef).isStable.subscribe((isStable) => (document.body.dataset.isStable = String(isStable)));
  }

  async ngOnInit() {
    this.session.set((await provider.loadCookie()).value);
  }

  async save() {
    this.isSaved.set((await provider.saveCookie("from-shop")).saved);
  }
}

bootstrapApplication(App, { providers: [provideZoneChangeDetection()] });
