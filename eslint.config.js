import tseslint from 'typescript-eslint'

// Biome formats and lints; ESLint is here for what needs types: a forgotten await is a security bug in this project.
export default tseslint.config({
  files: ['src/**/*.ts'],
  // AssemblyScript, which its own compiler checks
  ignores: ['src/policy/opa-wasm/assembly/**'],
  languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
  plugins: { '@typescript-eslint': tseslint.plugin },
  rules: {
    '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: false }],
    '@typescript-eslint/no-misused-promises': 'error',
    '@typescript-eslint/await-thenable': 'error',
    '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  },
})
