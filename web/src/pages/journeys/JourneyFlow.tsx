import { useNarrow } from "../../ui/useNarrow";
import { type GraphProps, JourneyGraph } from "./JourneyGraph";
import { StepList } from "./StepList";

/** The journey as a picture where there is room for one, else as a list of its steps. */
export function JourneyFlow(props: GraphProps) {
  return useNarrow() ? <StepList {...props} /> : <JourneyGraph {...props} />;
}
