/** The layout that Next.js needs around every page. */
import type { ReactNode } from "react"

export default function Layout({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  )
}
