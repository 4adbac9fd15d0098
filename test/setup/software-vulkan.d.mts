export function softwareVulkan(environment?: NodeJS.ProcessEnv): Record<string, string>;
