namespace Qi.Actors.House.Tests;

/// <summary>Which lines went and which came.</summary>
internal static class LineDifference
{
    /// <summary>The lines that are only in one of the texts, by the longest common subsequence.</summary>
    public static IReadOnlyList<string> Between(string expected, string actual)
    {
        string[] left = expected.Split('\n');
        string[] right = actual.Split('\n');
        int[,] common = CommonLengths(left, right);
        var changes = new List<string>();
        int i = 0;
        int j = 0;
        while (i < left.Length || j < right.Length)
        {
            if (i < left.Length && j < right.Length && string.Equals(left[i], right[j], StringComparison.Ordinal))
            {
                i++;
                j++;
            }
            else if (i < left.Length && (j == right.Length || common[i + 1, j] >= common[i, j + 1]))
            {
                changes.Add($"line {i + 1}: - {left[i++]}");
            }
            else
            {
                changes.Add($"line {j + 1}: + {right[j++]}");
            }
        }

        return changes;
    }

    private static int[,] CommonLengths(string[] left, string[] right)
    {
        int[,] common = new int[left.Length + 1, right.Length + 1];
        for (int i = left.Length - 1; i >= 0; i--)
        {
            for (int j = right.Length - 1; j >= 0; j--)
            {
                common[i, j] = string.Equals(left[i], right[j], StringComparison.Ordinal)
                    ? common[i + 1, j + 1] + 1
                    : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        return common;
    }
}
