export function Logo({ size = 30 }: { size?: number }) {
  return <img src="/favicon.svg" width={size} height={size} alt="" />;
}
