namespace Qi.Actors.Load;
internal static class CompareCommand { public static int Run(Arguments a) => 0; }
internal static class FootprintCommand { public static int Run(Arguments a) => 0; }
internal static class FairnessCommand { public static int Run(Arguments a) => 0; }
internal static class BlockingCommand { public static int Run(Arguments a) => 0; }
