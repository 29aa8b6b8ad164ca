export default function JourneyEditPage() {
  return null;
}
